// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {RegistryStanding} from "./RegistryStanding.sol";

/// @title Registrars and legal entities: who vouches for whom, under which identifiers, in whose hands
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
abstract contract RegistryEntities is RegistryStanding {
    /// @notice Bits the roles of an entity may have: 1 = manufacturer, 2 = supplier, 4 = auditor, 8 = registrar,
    /// 16 = recycler, 32 = node operator.
    uint8 public constant ROLES = 63;

    /// @inheritdoc IIssuerRegistry
    uint40 public constant RECOVERY_DELAY = 7 days;

    uint8 private constant _PENDING = 1;
    uint8 private constant _VETOED = 2;
    uint8 private constant _EXECUTED = 3;
    uint8 private constant _VOIDED = 4;
    uint256 private constant _MAX_SCHEME_BYTES = 16;
    uint256 private constant _MAX_IDENTIFIER_BYTES = 64;
    uint256 private constant _MAX_URI_BYTES = 2048;

    /// @param rootAccount The root registrar, also the first controller of its entity.
    /// @param scheme Scheme of the root's legal entity.
    /// @param identifier Identifier in that scheme.
    /// @param evidenceHash SHA-256 of the evidence about that entity.
    constructor(address rootAccount, string memory scheme, string memory identifier, bytes32 evidenceHash)
        RegistryStanding(rootAccount)
    {
        bytes32 issuerId = _issuerIdFor(scheme, identifier, 0);
        _addIssuer(issuerId, scheme, identifier, 0, rootAccount, rootAccount, evidenceHash, "");
        _registrars[rootAccount] =
            Registrar({issuerId: issuerId, accreditor: address(0), accreditedAt: _now(), badFrom: 0});
        emit RegistrarAccredited(rootAccount, issuerId, address(0));
    }

    // ---------------------------------------------------------------- registrars

    /// @inheritdoc IIssuerRegistry
    function accreditRegistrar(address registrar, bytes32 issuerId) external {
        bytes32 ownIssuerId = _requireActiveRegistrar(msg.sender);
        if (_depthOf(msg.sender) >= MAX_ACCREDITATIONS) revert RegistrarChainTooLong(msg.sender, MAX_ACCREDITATIONS);
        if (_registrars[registrar].accreditedAt != 0) revert RegistrarAlreadyAccredited(registrar);
        Issuer storage issuer = _requireIssuer(issuerId);
        _requireGoodStanding(issuerId, issuer);
        // The root is trusted from outside and needs accounts for daily work; anyone else would only hide behind one.
        if (msg.sender != _root && _primaryOf(issuerId) == _primaryOf(ownIssuerId)) {
            revert RegistrarSelfVouching(msg.sender, issuerId);
        }
        if (registrar != issuer.controller) {
            AccountKey storage key = _accountKeys[registrar];
            if (key.issuerNo != issuer.issuerNo || !_holds(key.from, key.until, key.badFrom, _now())) {
                revert RegistrarNotOfIssuer(registrar, issuerId);
            }
        }
        _registrars[registrar] =
            Registrar({issuerId: issuerId, accreditor: msg.sender, accreditedAt: _now(), badFrom: 0});
        emit RegistrarAccredited(registrar, issuerId, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function withdrawRegistrar(address registrar, uint40 badFrom) external {
        Registrar storage record = _requireRegistrar(registrar);
        if (msg.sender != _root) {
            if (msg.sender != record.accreditor) revert RegistrarUnauthorized(registrar, msg.sender);
            if (!_registrarGoodAt(msg.sender, _now())) revert RegistrarNotGood(msg.sender, _now());
        }
        record.badFrom = _earlierBadFrom(badFrom, record.badFrom);
        emit RegistrarWithdrawn(registrar, badFrom, msg.sender);
    }

    // ---------------------------------------------------------------- legal entities

    /// @inheritdoc IIssuerRegistry
    function registerIssuer(
        string calldata scheme,
        string calldata identifier,
        address controller,
        bytes32 evidenceHash,
        string calldata evidenceURI
    ) external whenNotPaused returns (bytes32 issuerId) {
        bytes32 ownIssuerId = _requireActiveRegistrar(msg.sender);
        uint256 generation;
        (issuerId, generation) = _currentIssuerId(scheme, identifier);
        if (issuerId == ownIssuerId) revert RegistrarSelfVouching(msg.sender, issuerId);
        _addIssuer(issuerId, scheme, identifier, generation, controller, msg.sender, evidenceHash, evidenceURI);
    }

    /// @inheritdoc IIssuerRegistry
    function updateEvidence(bytes32 issuerId, bytes32 evidenceHash, string calldata evidenceURI) external {
        Issuer storage issuer = _requireVoucher(issuerId);
        _requireEvidence(evidenceHash, evidenceURI);
        issuer.evidenceHash = evidenceHash;
        emit EvidenceUpdated(issuerId, evidenceHash, evidenceURI, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function setRoles(bytes32 issuerId, uint8 roles) external {
        Issuer storage issuer = _requireVoucher(issuerId);
        if (roles & ~ROLES != 0) revert RolesInvalid(roles, ROLES);
        issuer.roles = roles;
        emit RolesSet(issuerId, roles, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function annulIssuer(bytes32 issuerId, uint40 voidFrom) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (msg.sender != _root) {
            bool isAbove = msg.sender == _registrars[issuer.registrar].accreditor;
            if (!isAbove || !_registrarGoodAt(msg.sender, _now())) revert IssuerUnauthorized(issuerId, msg.sender);
        }
        issuer.voidFrom = _earlierBadFrom(voidFrom, issuer.voidFrom);
        issuer.isAnnulled = true;
        emit IssuerAnnulled(issuerId, voidFrom, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function restoreIssuer(string calldata scheme, string calldata identifier, uint256 generation) external onlyRoot {
        bytes32 issuerId = _issuerIdFor(scheme, identifier, generation);
        Issuer storage issuer = _requireIssuer(issuerId);
        if (!issuer.isAnnulled) revert IssuerNotAnnulled(issuerId);
        (bytes32 currentId,) = _currentIssuerId(scheme, identifier);
        address registrar = _issuers[currentId].registrar;
        if (registrar != address(0)) revert IssuerAlreadyRegistered(currentId, registrar);
        issuer.isAnnulled = false;
        issuer.voidFrom = 0;
        emit IssuerRestored(issuerId, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function currentIssuerId(string calldata scheme, string calldata identifier)
        external
        view
        returns (bytes32 issuerId, uint256 generation)
    {
        return _currentIssuerId(scheme, identifier);
    }

    /// @inheritdoc IIssuerRegistry
    function computeIssuerId(string calldata scheme, string calldata identifier, uint256 generation)
        external
        pure
        returns (bytes32 issuerId)
    {
        return _issuerIdFor(scheme, identifier, generation);
    }

    // ---------------------------------------------------------------- links

    /// @inheritdoc IIssuerRegistry
    function requestLink(bytes32 issuerId, bytes32 primaryId) external {
        Issuer storage issuer = _requireController(issuerId);
        Issuer storage primary = _requireController(primaryId);
        _requireLinkable(issuerId, issuer, primaryId, primary);
        _links[issuerId] = Link({primaryId: primaryId, agreedBy: msg.sender, requestedAt: _now(), linkedAt: 0});
        emit LinkRequested(issuerId, primaryId, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function linkIssuer(bytes32 issuerId, bytes32 primaryId) external {
        Issuer storage issuer = _requireVoucher(issuerId);
        Issuer storage primary = _requireIssuer(primaryId);
        Link storage link = _links[issuerId];
        // Whoever controlled both agreed; a controller that came later did not.
        address agreedBy = link.agreedBy;
        if (link.primaryId != primaryId || issuer.controller != agreedBy || primary.controller != agreedBy) {
            revert LinkNotRequested(issuerId, primaryId);
        }
        _requireLinkable(issuerId, issuer, primaryId, primary);
        _requireVouchedFromOutside(issuer.registrar, issuerId, primaryId);
        _requireVouchedFromOutside(primary.registrar, issuerId, primaryId);
        issuer.linkState = _LINKED;
        primary.linkState = _PRIMARY;
        link.linkedAt = _now();
        emit IssuerLinked(issuerId, primaryId, msg.sender);
    }

    // ---------------------------------------------------------------- controllers

    /// @inheritdoc IIssuerRegistry
    function setController(bytes32 issuerId, address controller) external {
        Issuer storage issuer = _requireController(issuerId);
        // A suspension may mean that the controller was stolen: the thief shall not hand the entity on.
        _requireGoodStanding(issuerId, issuer);
        _requireNewController(issuerId, issuer, controller);
        Recovery[] storage recoveries = _recoveries[issuerId];
        if (recoveries.length != 0 && recoveries[recoveries.length - 1].state == _PENDING) {
            _vetoRecovery(issuerId, recoveries[recoveries.length - 1]);
        }
        issuer.controller = controller;
        emit ControllerChanged(issuerId, msg.sender, controller, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function requestRecovery(bytes32 issuerId, address controller) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, false)) revert IssuerUnauthorized(issuerId, msg.sender);
        Recovery[] storage recoveries = _recoveries[issuerId];
        uint256 count = recoveries.length;
        if (count != 0 && recoveries[count - 1].state == _PENDING) _voidRecovery(issuerId, recoveries[count - 1]);
        _requireNewController(issuerId, issuer, controller);
        recoveries.push(
            Recovery({controller: controller, requestedAt: _now(), endedAt: 0, state: _PENDING, by: msg.sender})
        );
        emit RecoveryRequested(issuerId, controller, _now() + RECOVERY_DELAY, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function vetoRecovery(bytes32 issuerId) external {
        _requireController(issuerId);
        _vetoRecovery(issuerId, _requirePendingRecovery(issuerId));
    }

    /// @inheritdoc IIssuerRegistry
    function executeRecovery(bytes32 issuerId) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        Recovery storage recovery = _requirePendingRecovery(issuerId);
        uint40 due = recovery.requestedAt + RECOVERY_DELAY;
        if (_now() < due) revert RecoveryNotDue(issuerId, due, _now());
        address by = recovery.by;
        if (!_registrarGoodAt(by, recovery.requestedAt)) revert RegistrarNotGood(by, recovery.requestedAt);
        address previous = issuer.controller;
        address controller = recovery.controller;
        recovery.state = _EXECUTED;
        recovery.endedAt = _now();
        issuer.controller = controller;
        emit ControllerChanged(issuerId, previous, controller, by);
    }

    // ---------------------------------------------------------------- suspensions

    /// @inheritdoc IIssuerRegistry
    function suspend(bytes32 issuerId) external {
        Issuer storage issuer = _requireVoucher(issuerId);
        if (issuer.suspendedAt != 0) revert IssuerIsSuspended(issuerId, issuer.suspendedAt);
        issuer.suspendedAt = _now();
        emit IssuerSuspended(issuerId, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function reinstate(bytes32 issuerId) external {
        Issuer storage issuer = _requireVoucher(issuerId);
        uint40 suspendedAt = issuer.suspendedAt;
        if (suspendedAt == 0) revert IssuerNotSuspended(issuerId);
        issuer.suspendedAt = 0;
        _pastSuspensions[issuerId].push(Suspension({from: suspendedAt, until: _now()}));
        emit IssuerReinstated(issuerId, suspendedAt, msg.sender);
    }

    // ---------------------------------------------------------------- what is asked of links and controllers

    /// @dev Different entities, neither in a link that stands in the way: a primary is not linked, a linked one is
    /// linked once, so that no link leads to another.
    function _requireLinkable(bytes32 issuerId, Issuer storage issuer, bytes32 primaryId, Issuer storage primary)
        private
        view
    {
        if (issuerId == primaryId || issuer.linkState != _ALONE || primary.linkState == _LINKED) {
            revert LinkInvalid(issuerId, primaryId);
        }
        _requireGoodStanding(issuerId, issuer);
        _requireGoodStanding(primaryId, primary);
    }

    /// @dev Neither of the two, as one legal entity, answers for `registrar`; the root is trusted from outside.
    function _requireVouchedFromOutside(address registrar, bytes32 issuerId, bytes32 primaryId) private view {
        bytes32 answering = _primaryOf(_registrars[registrar].issuerId);
        if (registrar != _root && (answering == issuerId || answering == primaryId)) {
            revert RegistrarSelfVouching(registrar, issuerId);
        }
    }

    function _requireNewController(bytes32 issuerId, Issuer storage issuer, address controller) private view {
        if (controller == address(0) || controller == issuer.controller) revert ControllerInvalid(issuerId, controller);
    }

    function _requirePendingRecovery(bytes32 issuerId) private view returns (Recovery storage recovery) {
        Recovery[] storage recoveries = _recoveries[issuerId];
        uint256 count = recoveries.length;
        if (count == 0 || recoveries[count - 1].state != _PENDING) revert RecoveryNotPending(issuerId);
        return recoveries[count - 1];
    }

    function _vetoRecovery(bytes32 issuerId, Recovery storage recovery) private {
        recovery.state = _VETOED;
        recovery.endedAt = _now();
        emit RecoveryVetoed(issuerId, recovery.controller, msg.sender);
    }

    /// @dev What a registrar asked for that was bad then can never be executed, and a lost controller refuses nothing:
    /// it makes way for the next request, or nobody could ever ask again.
    function _voidRecovery(bytes32 issuerId, Recovery storage recovery) private {
        if (_registrarGoodAt(recovery.by, recovery.requestedAt)) revert RecoveryIsPending(issuerId);
        recovery.state = _VOIDED;
        recovery.endedAt = _now();
        emit RecoveryVoided(issuerId, recovery.controller, msg.sender);
    }

    // ---------------------------------------------------------------- arguments

    function _addIssuer(
        bytes32 issuerId,
        string memory scheme,
        string memory identifier,
        uint256 generation,
        address controller,
        address registrar,
        bytes32 evidenceHash,
        string memory evidenceURI
    ) private {
        if (!_isCanonical(bytes(scheme), _MAX_SCHEME_BYTES, true)) revert SchemeNotCanonical(scheme);
        if (!_isCanonical(bytes(identifier), _MAX_IDENTIFIER_BYTES, false)) revert IdentifierNotCanonical(identifier);
        _requireEvidence(evidenceHash, evidenceURI);
        Issuer storage issuer = _issuers[issuerId];
        if (issuer.issuerNo != 0) revert IssuerAlreadyRegistered(issuerId, issuer.registrar);
        if (controller == address(0)) revert ControllerInvalid(issuerId, controller);

        uint32 issuerNo = ++_issuerCount;
        _issuers[issuerId] = Issuer({
            controller: controller,
            issuerNo: issuerNo,
            suspendedAt: 0,
            roles: 0,
            linkState: _ALONE,
            isAnnulled: false,
            registrar: registrar,
            registeredAt: _now(),
            voidFrom: 0,
            evidenceHash: evidenceHash
        });
        _issuerIdOf[issuerNo] = issuerId;
        emit IssuerRegistered(
            issuerId, issuerNo, registrar, controller, scheme, identifier, generation, evidenceHash, evidenceURI
        );
    }

    /// @dev The first id whose registration is not annulled: registered, or free. Only accreditors and the root annul,
    /// so nobody below them makes this walk long.
    function _currentIssuerId(string calldata scheme, string calldata identifier)
        private
        view
        returns (bytes32 issuerId, uint256 generation)
    {
        issuerId = _issuerIdFor(scheme, identifier, 0);
        while (_issuers[issuerId].isAnnulled) issuerId = _issuerIdFor(scheme, identifier, ++generation);
    }

    /// @dev Two words before the texts or three, so that no text makes one form look like the other.
    function _issuerIdFor(string memory scheme, string memory identifier, uint256 generation)
        private
        pure
        returns (bytes32)
    {
        return generation == 0
            ? keccak256(abi.encode(scheme, identifier))
            : keccak256(abi.encode(scheme, identifier, generation));
    }

    /// @dev One spelling for one entity: no small letters, spaces or characters beyond ASCII that look alike.
    function _isCanonical(bytes memory text, uint256 maxBytes, bool lettersAndDigitsOnly) private pure returns (bool) {
        if (text.length == 0 || text.length > maxBytes) return false;
        for (uint256 i = 0; i < text.length; ++i) {
            bytes1 c = text[i];
            bool letterOrDigit = (c >= "A" && c <= "Z") || (c >= "0" && c <= "9");
            if (letterOrDigit) continue;
            if (lettersAndDigitsOnly || c < 0x21 || c > 0x7e || (c >= "a" && c <= "z")) return false;
        }
        return true;
    }

    function _requireEvidence(bytes32 evidenceHash, string memory evidenceURI) private pure {
        uint256 uriBytes = bytes(evidenceURI).length;
        if (evidenceHash == bytes32(0) || uriBytes > _MAX_URI_BYTES) revert EvidenceInvalid(evidenceHash, uriBytes);
    }
}

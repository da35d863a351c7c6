// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {GuardedPause} from "./GuardedPause.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {IOrganisationKeys} from "./IOrganisationKeys.sol";
import {OrganisationKeys} from "./OrganisationKeys.sol";

/// @title Who answers for a key
/// @dev No proxy, no owner, no ether. The only calls to other contracts are static (ERC-1271 wallets, and the
/// judge of organisation keys that the constructor made), so nothing can re-enter with an effect. A pause stops new legal entities and new keys, and nothing else.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract IssuerRegistry is IIssuerRegistry, EIP712, GuardedPause {
    /// @notice Bits an account key may have: 1 = ANCHOR, 2 = STATUS.
    uint8 public constant ACCOUNT_PURPOSES = 3;

    /// @notice Bits a credential key may have: 1 = ASSERT.
    uint8 public constant CREDENTIAL_PURPOSES = 1;

    /// @notice Bits the roles of an entity may have: 1 = manufacturer, 2 = supplier, 4 = auditor, 8 = registrar,
    /// 16 = recycler, 32 = node operator.
    uint8 public constant ROLES = 63;

    /// @inheritdoc IIssuerRegistry
    uint40 public constant RECOVERY_DELAY = 7 days;

    /// @notice The most accreditations between the root and a registrar; bounds every walk up the chain.
    uint256 public constant MAX_ACCREDITATIONS = 8;

    /// @notice Type hash of the message an account signs to be bound.
    bytes32 public constant BIND_ACCOUNT_KEY_TYPEHASH =
        keccak256("BindAccountKey(bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until)");

    /// @notice Type hash of the message an organisation key signs.
    bytes32 public constant BIND_ISSUER_TYPEHASH = keccak256("BindIssuer(bytes32 issuerId,address controller)");

    uint8 private constant _ALONE = 0;
    uint8 private constant _LINKED = 1;
    uint8 private constant _PRIMARY = 2;
    uint8 private constant _PENDING = 1;
    uint8 private constant _VETOED = 2;
    uint8 private constant _EXECUTED = 3;
    uint8 private constant _VOIDED = 4;
    uint8 private constant _ANCHOR = 1;
    uint8 private constant _STATUS = 2;
    uint256 private constant _MAX_SCHEME_BYTES = 16;
    uint256 private constant _MAX_IDENTIFIER_BYTES = 64;
    uint256 private constant _MAX_URI_BYTES = 2048;

    address private immutable _root;
    IOrganisationKeys private immutable _judge;

    // The order of these and of the structs' members is read by verifiers through storage proofs: it never changes.
    uint32 private _issuerCount;
    uint32 private _keyCount;
    address private _guardian;
    mapping(address registrar => Registrar) private _registrars;
    mapping(bytes32 issuerId => Issuer) private _issuers;
    mapping(bytes32 issuerId => Suspension[]) private _pastSuspensions;
    mapping(bytes32 issuerId => Link) private _links;
    mapping(bytes32 issuerId => Recovery[]) private _recoveries;
    mapping(bytes32 issuerId => OrganisationKeyProof) private _organisationKeys;
    mapping(uint32 issuerNo => bytes32 issuerId) private _issuerIdOf;
    mapping(address account => AccountKey) private _accountKeys;
    mapping(uint32 keyNo => uint40 badFrom) private _badFromOf;
    mapping(bytes32 issuerId => mapping(bytes32 keyHash => CredentialKey)) private _credentialKeys;

    modifier onlyRoot() {
        if (msg.sender != _root) revert RootUnauthorized(msg.sender);
        _;
    }

    /// @notice Deploys the registry with its root, which registers its own legal entity: the one entry that nobody
    /// else vouches for, and the reason why verifiers are told the root from outside.
    /// @param rootAccount The root registrar, also the first controller of its entity.
    /// @param scheme Scheme of the root's legal entity.
    /// @param identifier Identifier in that scheme.
    /// @param evidenceHash SHA-256 of the evidence about that entity.
    constructor(address rootAccount, string memory scheme, string memory identifier, bytes32 evidenceHash)
        EIP712("carbon-passport IssuerRegistry", "1")
    {
        bytes32 issuerId = _issuerIdFor(scheme, identifier, 0);
        _root = rootAccount;
        _judge = new OrganisationKeys();
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

    /// @inheritdoc IIssuerRegistry
    function proveRsaOrganisationKey(bytes32 issuerId, bytes calldata modulus, bytes calldata signature) external {
        _requireGoodStanding(issuerId, _requireController(issuerId));
        (bool isSigned, bytes32 keyHash) =
            _judge.judgeRsa(organisationMessage(issuerId, msg.sender), modulus, signature);
        _setOrganisationKey(issuerId, isSigned, keyHash);
    }

    /// @inheritdoc IIssuerRegistry
    function proveP256OrganisationKey(bytes32 issuerId, bytes32 x, bytes32 y, bytes32 r, bytes32 s) external {
        _requireGoodStanding(issuerId, _requireController(issuerId));
        (bool isSigned, bytes32 keyHash) = _judge.judgeP256(organisationMessage(issuerId, msg.sender), x, y, r, s);
        _setOrganisationKey(issuerId, isSigned, keyHash);
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

    // ---------------------------------------------------------------- keys

    /// @inheritdoc IIssuerRegistry
    function bindAccountKey(
        bytes32 issuerId,
        address account,
        uint8 purposes,
        uint40 from,
        uint40 until,
        bytes calldata accountSignature
    ) external whenNotPaused returns (uint32 keyNo) {
        Issuer storage issuer = _requireController(issuerId);
        _requireGoodStanding(issuerId, issuer);
        if (account == address(0)) revert AccountKeyInvalid(account);
        uint32 boundTo = _accountKeys[account].issuerNo;
        if (boundTo != 0) revert AccountKeyAlreadyBound(account, _issuerIdOf[boundTo]);
        _requirePurposes(purposes, ACCOUNT_PURPOSES);
        uint40 start = _requireWindow(from, until);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(BIND_ACCOUNT_KEY_TYPEHASH, issuerId, account, purposes, from, until))
        );
        if (!_signed(account, digest, accountSignature)) revert AccountKeySignatureInvalid(issuerId, account);

        keyNo = ++_keyCount;
        _accountKeys[account] = AccountKey({
            issuerNo: issuer.issuerNo,
            keyNo: keyNo,
            from: start,
            until: until,
            badFrom: 0,
            purposes: purposes
        });
        emit AccountKeyBound(issuerId, account, keyNo, purposes, start, until);
    }

    /// @inheritdoc IIssuerRegistry
    function bindCredentialKey(bytes32 issuerId, bytes32 keyHash, uint8 purposes, uint40 from, uint40 until)
        external
        whenNotPaused
    {
        _requireGoodStanding(issuerId, _requireController(issuerId));
        if (keyHash == bytes32(0)) revert CredentialKeyInvalid(keyHash);
        if (_credentialKeys[issuerId][keyHash].boundAt != 0) revert CredentialKeyAlreadyBound(issuerId, keyHash);
        _requirePurposes(purposes, CREDENTIAL_PURPOSES);
        uint40 start = _requireWindow(from, until);
        _credentialKeys[issuerId][keyHash] =
            CredentialKey({boundAt: _now(), from: start, until: until, badFrom: 0, purposes: purposes});
        emit CredentialKeyBound(issuerId, keyHash, purposes, start, until);
    }

    /// @inheritdoc IIssuerRegistry
    function retireAccountKey(address account) external {
        AccountKey storage key = _requireAccountKey(account);
        bytes32 issuerId = _issuerIdOf[key.issuerNo];
        _requireController(issuerId);
        uint40 end = _requireOpen(key.until);
        key.until = end;
        emit AccountKeyRetired(issuerId, account, end);
    }

    /// @inheritdoc IIssuerRegistry
    function retireCredentialKey(bytes32 issuerId, bytes32 keyHash) external {
        _requireController(issuerId);
        CredentialKey storage key = _requireCredentialKey(issuerId, keyHash);
        uint40 end = _requireOpen(key.until);
        key.until = end;
        emit CredentialKeyRetired(issuerId, keyHash, end);
    }

    /// @inheritdoc IIssuerRegistry
    function reportAccountKeyCompromise(address account, uint40 badFrom) external {
        AccountKey storage key = _requireAccountKey(account);
        bytes32 issuerId = _issuerIdOf[key.issuerNo];
        _requireControllerOrVoucher(issuerId);
        key.badFrom = _earlierBadFrom(badFrom, key.badFrom);
        _badFromOf[key.keyNo] = badFrom; // again by number: a checkpoint names the account by that alone
        emit AccountKeyCompromised(issuerId, account, badFrom, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function reportCredentialKeyCompromise(bytes32 issuerId, bytes32 keyHash, uint40 badFrom) external {
        _requireControllerOrVoucher(issuerId);
        CredentialKey storage key = _requireCredentialKey(issuerId, keyHash);
        key.badFrom = _earlierBadFrom(badFrom, key.badFrom);
        emit CredentialKeyCompromised(issuerId, keyHash, badFrom, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function setGuardian(address guardian_) external onlyRoot {
        emit GuardianChanged(_guardian, guardian_);
        _guardian = guardian_;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IIssuerRegistry
    function root() external view returns (address) {
        return _root;
    }

    /// @inheritdoc IIssuerRegistry
    function organisationKeys() external view returns (address) {
        return address(_judge);
    }

    /// @inheritdoc IIssuerRegistry
    function guardian() external view returns (address) {
        return _guardian;
    }

    /// @inheritdoc IIssuerRegistry
    function issuerOf(bytes32 issuerId) external view returns (Issuer memory) {
        return _requireIssuer(issuerId);
    }

    /// @inheritdoc IIssuerRegistry
    function issuerIdOf(uint32 issuerNo) external view returns (bytes32 issuerId) {
        issuerId = _issuerIdOf[issuerNo];
        if (issuerId == bytes32(0)) revert IssuerNoUnknown(issuerNo);
    }

    /// @inheritdoc IIssuerRegistry
    function registrarOf(address registrar) external view returns (Registrar memory) {
        return _requireRegistrar(registrar);
    }

    /// @inheritdoc IIssuerRegistry
    function accountKeyOf(address account) external view returns (AccountKey memory) {
        return _requireAccountKey(account);
    }

    /// @inheritdoc IIssuerRegistry
    function badFromOf(uint32 keyNo) external view returns (uint40 badFrom) {
        return _badFromOf[keyNo];
    }

    /// @inheritdoc IIssuerRegistry
    function credentialKeyOf(bytes32 issuerId, bytes32 keyHash) external view returns (CredentialKey memory) {
        return _requireCredentialKey(issuerId, keyHash);
    }

    /// @inheritdoc IIssuerRegistry
    function pastSuspensionCount(bytes32 issuerId) external view returns (uint256 count) {
        _requireIssuer(issuerId);
        return _pastSuspensions[issuerId].length;
    }

    /// @inheritdoc IIssuerRegistry
    function pastSuspensionOf(bytes32 issuerId, uint256 position) external view returns (Suspension memory) {
        _requireIssuer(issuerId);
        Suspension[] storage past = _pastSuspensions[issuerId];
        if (position >= past.length) revert SuspensionUnknown(issuerId, position, past.length);
        return past[position];
    }

    /// @inheritdoc IIssuerRegistry
    function linkOf(bytes32 issuerId) external view returns (Link memory) {
        _requireIssuer(issuerId);
        return _links[issuerId];
    }

    /// @inheritdoc IIssuerRegistry
    function recoveryCount(bytes32 issuerId) external view returns (uint256 count) {
        _requireIssuer(issuerId);
        return _recoveries[issuerId].length;
    }

    /// @inheritdoc IIssuerRegistry
    function recoveryOf(bytes32 issuerId, uint256 position) external view returns (Recovery memory) {
        _requireIssuer(issuerId);
        Recovery[] storage recoveries = _recoveries[issuerId];
        if (position >= recoveries.length) revert RecoveryUnknown(issuerId, position, recoveries.length);
        return recoveries[position];
    }

    /// @inheritdoc IIssuerRegistry
    function organisationKeyOf(bytes32 issuerId) external view returns (OrganisationKeyProof memory proof) {
        proof = _organisationKeys[issuerId];
        if (proof.provenAt == 0) revert OrganisationKeyUnknown(issuerId);
    }

    /// @inheritdoc IIssuerRegistry
    function organisationMessage(bytes32 issuerId, address controller) public view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(BIND_ISSUER_TYPEHASH, issuerId, controller));
        return abi.encodePacked(hex"1901", _domainSeparatorV4(), structHash);
    }

    /// @inheritdoc IIssuerRegistry
    function answerForAccount(address account) external view returns (Answer memory) {
        AccountKey storage key = _requireAccountKey(account);
        bool holds = _holds(key.from, key.until, key.badFrom, _now());
        return _answer(_issuerIdOf[key.issuerNo], key.from, holds);
    }

    /// @inheritdoc IIssuerRegistry
    function answerForCredentialKey(bytes32 issuerId, bytes32 keyHash) external view returns (Answer memory) {
        CredentialKey storage key = _requireCredentialKey(issuerId, keyHash);
        bool holds = _holds(key.from, key.until, key.badFrom, _now());
        return _answer(issuerId, key.from, holds);
    }

    /// @inheritdoc IIssuerRegistry
    function registrarGoodAt(address registrar, uint40 time) external view returns (bool) {
        _requireReached(time);
        return _registrarGoodAt(registrar, time);
    }

    /// @inheritdoc IIssuerRegistry
    function authorisedAt(address account, uint40 time) external view returns (bool) {
        _requireReached(time);
        AccountKey storage key = _accountKeys[account];
        if (key.issuerNo == 0 || !_holds(key.from, key.until, key.badFrom, time)) return false;
        return _issuerGoodAt(_issuerIdOf[key.issuerNo], time);
    }

    /// @inheritdoc IIssuerRegistry
    function credentialAuthorisedAt(bytes32 issuerId, bytes32 keyHash, uint40 time) external view returns (bool) {
        _requireReached(time);
        CredentialKey storage key = _credentialKeys[issuerId][keyHash];
        if (key.boundAt == 0 || !_holds(key.from, key.until, key.badFrom, time)) return false;
        return _issuerGoodAt(issuerId, time);
    }

    /// @inheritdoc IIssuerRegistry
    function requireAnchorKeyNo(address account, bytes32 issuerId) external view returns (uint32 keyNo) {
        Issuer storage issuer = _issuers[issuerId];
        keyNo = _requireKey(account, issuerId, issuer, _ANCHOR);
        _requireGoodStanding(issuerId, issuer);
    }

    /// @inheritdoc IIssuerRegistry
    function requireStatusKeyNo(address account, bytes32 issuerId, bool mayBeSuspended)
        external
        view
        returns (uint32 keyNo)
    {
        Issuer storage issuer = _issuers[issuerId];
        keyNo = _requireKey(account, issuerId, issuer, _STATUS);
        if (!mayBeSuspended) _requireGoodStanding(issuerId, issuer);
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

    /// @inheritdoc GuardedPause
    function _rootAndGuardian() internal view override returns (address, address) {
        return (_root, _guardian);
    }

    // ---------------------------------------------------------------- who may

    /// @dev A registrar that may act now: good up to the root, and its own entity in good standing.
    function _requireActiveRegistrar(address registrar) private view returns (bytes32 issuerId) {
        issuerId = _requireRegistrar(registrar).issuerId;
        if (!_registrarGoodAt(registrar, _now())) revert RegistrarNotGood(registrar, _now());
        _requireGoodStanding(issuerId, _issuers[issuerId]);
    }

    /// @dev The caller vouched for the entity, or for the registrar that did; the root, if `orRoot`.
    function _isVoucher(Issuer storage issuer, bool orRoot) private view returns (bool) {
        address registrar = issuer.registrar;
        bool vouches = msg.sender == registrar || msg.sender == _registrars[registrar].accreditor
            || (orRoot && msg.sender == _root);
        return vouches && _registrarGoodAt(msg.sender, _now());
    }

    function _requireVoucher(bytes32 issuerId) private view returns (Issuer storage issuer) {
        issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, true)) revert IssuerUnauthorized(issuerId, msg.sender);
    }

    function _requireController(bytes32 issuerId) private view returns (Issuer storage issuer) {
        issuer = _requireIssuer(issuerId);
        if (msg.sender != issuer.controller) revert IssuerUnauthorized(issuerId, msg.sender);
    }

    function _requireControllerOrVoucher(bytes32 issuerId) private view {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (msg.sender != issuer.controller && !_isVoucher(issuer, true)) {
            revert IssuerUnauthorized(issuerId, msg.sender);
        }
    }

    function _requireKey(address account, bytes32 issuerId, Issuer storage issuer, uint8 purpose)
        private
        view
        returns (uint32)
    {
        AccountKey storage key = _accountKeys[account];
        uint32 issuerNo = key.issuerNo;
        if (issuerNo == 0) revert AccountKeyUnbound(account);
        if (issuerNo != issuer.issuerNo) revert AccountKeyOfOther(account, issuerId, _issuerIdOf[issuerNo]);
        if (key.purposes & purpose == 0) revert AccountKeyLacksPurpose(account, key.purposes, purpose);
        if (!_holds(key.from, key.until, key.badFrom, _now())) {
            revert AccountKeyNotGood(account, _now(), key.from, key.until, key.badFrom);
        }
        return key.keyNo;
    }

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

    function _setOrganisationKey(bytes32 issuerId, bool isSigned, bytes32 keyHash) private {
        if (!isSigned) revert OrganisationKeySignatureInvalid(issuerId, msg.sender);
        _organisationKeys[issuerId] =
            OrganisationKeyProof({keyHash: keyHash, controller: msg.sender, provenAt: _now()});
        emit OrganisationKeyProven(issuerId, keyHash, msg.sender);
    }

    // ---------------------------------------------------------------- what is there

    function _requireRegistrar(address registrar) private view returns (Registrar storage record) {
        record = _registrars[registrar];
        if (record.accreditedAt == 0) revert RegistrarUnknown(registrar);
    }

    function _requireIssuer(bytes32 issuerId) private view returns (Issuer storage issuer) {
        issuer = _issuers[issuerId];
        if (issuer.issuerNo == 0) revert IssuerUnknown(issuerId);
    }

    /// @dev Neither annulled nor suspended, nor linked to a primary that is suspended.
    function _requireGoodStanding(bytes32 issuerId, Issuer storage issuer) private view {
        uint40 since = issuer.suspendedAt;
        if (since != 0) revert IssuerIsSuspended(issuerId, since);
        if (issuer.isAnnulled) revert IssuerIsAnnulled(issuerId, issuer.voidFrom);
        if (issuer.linkState == _LINKED) {
            bytes32 primaryId = _links[issuerId].primaryId;
            since = _issuers[primaryId].suspendedAt;
            if (since != 0) revert IssuerIsSuspended(primaryId, since);
        }
    }

    /// @dev The one that stands for all identifiers of a legal entity.
    function _primaryOf(bytes32 issuerId) private view returns (bytes32) {
        return _issuers[issuerId].linkState == _LINKED ? _links[issuerId].primaryId : issuerId;
    }

    function _requireAccountKey(address account) private view returns (AccountKey storage key) {
        key = _accountKeys[account];
        if (key.issuerNo == 0) revert AccountKeyUnbound(account);
    }

    function _requireCredentialKey(bytes32 issuerId, bytes32 keyHash) private view returns (CredentialKey storage key) {
        key = _credentialKeys[issuerId][keyHash];
        if (key.boundAt == 0) revert CredentialKeyUnbound(issuerId, keyHash);
    }

    // ---------------------------------------------------------------- time

    function _now() private view returns (uint40) {
        return uint40(block.timestamp); // 40 bits last until the year 36812
    }

    function _requireReached(uint40 time) private view {
        if (time > _now()) revert TimeNotReached(time, _now());
    }

    function _holds(uint40 from, uint40 until, uint40 badFrom, uint40 time) private pure returns (bool) {
        // An end of 0 means none: less one it wraps to the largest time there is, which is what is meant.
        unchecked {
            return from <= time && time <= until - 1 && time <= badFrom - 1;
        }
    }

    function _registrarGoodAt(address registrar, uint40 time) private view returns (bool) {
        return _vouchedAt(registrar, time, 0);
    }

    /// @dev Walks up at most MAX_ACCREDITATIONS steps: each registrar is judged at the time it vouched for the one
    /// below. None but the root vouches for its own legal entity, under whatever identifier: neither for `subject` (the
    /// primary of the entity in question; 0 for none) anywhere in the chain, nor for the registrar it accredits.
    function _vouchedAt(address registrar, uint40 time, bytes32 subject) private view returns (bool) {
        bytes32 below = subject;
        while (true) {
            Registrar storage record = _registrars[registrar];
            uint40 accreditedAt = record.accreditedAt;
            if (accreditedAt == 0 || !_holds(accreditedAt, 0, record.badFrom, time)) return false;
            if (registrar != _root) {
                bytes32 primaryId = _primaryOf(record.issuerId);
                if (primaryId == below || primaryId == subject) return false;
                below = primaryId;
            }
            registrar = record.accreditor;
            if (registrar == address(0)) return true;
            time = accreditedAt;
        }
        return false;
    }

    function _depthOf(address registrar) private view returns (uint256 depth) {
        for (address above = _registrars[registrar].accreditor; above != address(0); above = _registrars[above].accreditor) {
            ++depth;
        }
    }

    /// @dev Neither void nor suspended at `time`, nor its primary suspended while they were linked, and vouched for up to
    /// the root.
    function _issuerGoodAt(bytes32 issuerId, uint40 time) private view returns (bool) {
        Issuer storage issuer = _issuers[issuerId];
        if (issuer.isAnnulled && time >= issuer.voidFrom) return false;
        if (_isSuspendedAt(issuerId, time)) return false;
        bytes32 primaryId = issuerId;
        if (issuer.linkState == _LINKED) {
            Link storage link = _links[issuerId];
            primaryId = link.primaryId;
            if (time >= link.linkedAt && _isSuspendedAt(primaryId, time)) return false;
        }
        return _vouchedAt(issuer.registrar, issuer.registeredAt, primaryId);
    }

    function _isSuspendedAt(bytes32 issuerId, uint40 time) private view returns (bool) {
        uint40 since = _issuers[issuerId].suspendedAt;
        return (since != 0 && time >= since) || _wasSuspendedAt(_pastSuspensions[issuerId], time);
    }

    function _answer(bytes32 issuerId, uint40 keyFrom, bool keyHolds) private view returns (Answer memory answer) {
        Issuer storage issuer = _issuers[issuerId];
        address registrar = issuer.registrar;
        uint40 vouchedAt = issuer.registeredAt;
        Voucher[] memory vouchers = new Voucher[](_depthOf(registrar) + 1);
        for (uint256 i = 0; i < vouchers.length; ++i) {
            Registrar storage record = _registrars[registrar];
            vouchers[i] = Voucher(registrar, record.issuerId, vouchedAt, record.badFrom);
            registrar = record.accreditor;
            vouchedAt = record.accreditedAt;
        }
        return Answer({
            issuerId: issuerId,
            primaryId: _primaryOf(issuerId),
            controller: issuer.controller,
            registeredAt: issuer.registeredAt,
            keyFrom: keyFrom,
            isGood: keyHolds && _issuerGoodAt(issuerId, _now()),
            vouchers: vouchers
        });
    }

    /// @dev The intervals follow one another, so the last that began by `time` decides: found by halving.
    function _wasSuspendedAt(Suspension[] storage past, uint40 time) private view returns (bool) {
        uint256 low = 0;
        uint256 high = past.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (past[middle].from <= time) low = middle + 1;
            else high = middle;
        }
        return low != 0 && time < past[low - 1].until;
    }

    /// @dev The moment a binding begins: never before now.
    function _requireWindow(uint40 from, uint40 until) private view returns (uint40 start) {
        start = from > _now() ? from : _now();
        if (until != 0 && until <= start) revert KeyWindowEmpty(start, until);
    }

    /// @dev The new end of a window that has not ended yet.
    function _requireOpen(uint40 until) private view returns (uint40 end) {
        end = _now();
        if (until != 0 && until <= end) revert KeyAlreadyEnded(until);
    }

    /// @dev Reaches back, never forward of now, and never later than an earlier report.
    function _earlierBadFrom(uint40 badFrom, uint40 previous) private view returns (uint40) {
        if (badFrom == 0 || badFrom > _now() || (previous != 0 && badFrom >= previous)) {
            revert BadFromInvalid(badFrom, previous, _now());
        }
        return badFrom;
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

    function _requirePurposes(uint8 purposes, uint8 allowed) private pure {
        if (purposes == 0 || purposes & ~allowed != 0) revert KeyPurposesInvalid(purposes, allowed);
    }

    /// @dev The account's own ECDSA signature first, so that an EIP-7702 account, which has code, may still sign with
    /// its key; then its ERC-1271 word. ECDSA accepts 65 bytes and low s only.
    function _signed(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == account) return true;
        return account.code.length != 0 && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}

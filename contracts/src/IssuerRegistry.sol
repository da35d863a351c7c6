// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";

/// @title Who answers for a key
/// @dev No proxy, no owner, no ether. The only calls to other contracts are static (ERC-1271 wallets), so nothing can
/// re-enter with an effect.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract IssuerRegistry is IIssuerRegistry, EIP712 {
    /// @notice Bits an account key may have: 1 = ANCHOR, 2 = STATUS.
    uint8 public constant ACCOUNT_PURPOSES = 3;

    /// @notice Bits a credential key may have: 1 = ASSERT.
    uint8 public constant CREDENTIAL_PURPOSES = 1;

    /// @notice The most accreditations between the root and a registrar; bounds every walk up the chain.
    uint256 public constant MAX_ACCREDITATIONS = 8;

    /// @notice Type hash of the message an account signs to be bound.
    bytes32 public constant BIND_ACCOUNT_KEY_TYPEHASH =
        keccak256("BindAccountKey(bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until)");

    uint8 private constant _ANCHOR = 1;
    uint8 private constant _STATUS = 2;
    uint256 private constant _MAX_SCHEME_BYTES = 16;
    uint256 private constant _MAX_IDENTIFIER_BYTES = 64;
    uint256 private constant _MAX_URI_BYTES = 2048;

    address private immutable _root;

    // The order of these and of the structs' members is read by verifiers through storage proofs: it never changes.
    mapping(address registrar => Registrar) private _registrars;
    mapping(bytes32 issuerId => Issuer) private _issuers;
    mapping(bytes32 issuerId => Suspension[]) private _pastSuspensions;
    mapping(uint32 issuerNo => bytes32 issuerId) private _issuerIdOf;
    mapping(address account => AccountKey) private _accountKeys;
    mapping(uint32 keyNo => address account) private _accountOf;
    mapping(bytes32 issuerId => mapping(bytes32 keyHash => CredentialKey)) private _credentialKeys;
    uint32 private _issuerCount;
    uint32 private _keyCount;
    bool private _newPaused;

    modifier onlyRoot() {
        if (msg.sender != _root) revert RootUnauthorized(msg.sender);
        _;
    }

    modifier whenNewAllowed() {
        if (_newPaused) revert NewIsPaused();
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
        bytes32 issuerId = keccak256(abi.encode(scheme, identifier));
        _root = rootAccount;
        _addIssuer(issuerId, scheme, identifier, rootAccount, rootAccount, evidenceHash, "");
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
        _requireNotSuspended(issuerId, issuer);
        // The root is trusted from outside and needs accounts for daily work; anyone else would only hide behind one.
        if (issuerId == ownIssuerId && msg.sender != _root) revert RegistrarSelfVouching(msg.sender, issuerId);
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
    ) external whenNewAllowed returns (bytes32 issuerId) {
        bytes32 ownIssuerId = _requireActiveRegistrar(msg.sender);
        issuerId = keccak256(abi.encode(scheme, identifier));
        if (issuerId == ownIssuerId) revert RegistrarSelfVouching(msg.sender, issuerId);
        _addIssuer(issuerId, scheme, identifier, controller, msg.sender, evidenceHash, evidenceURI);
    }

    /// @inheritdoc IIssuerRegistry
    function updateEvidence(bytes32 issuerId, bytes32 evidenceHash, string calldata evidenceURI) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, true)) revert IssuerUnauthorized(issuerId, msg.sender);
        _requireEvidence(evidenceHash, evidenceURI);
        issuer.evidenceHash = evidenceHash;
        emit EvidenceUpdated(issuerId, evidenceHash, evidenceURI, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function setController(bytes32 issuerId, address controller) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        address previous = issuer.controller;
        if (!_isVoucher(issuer, false)) {
            if (msg.sender != previous) revert IssuerUnauthorized(issuerId, msg.sender);
            // A suspension may mean that the controller was stolen: the thief shall not hand the entity on.
            _requireNotSuspended(issuerId, issuer);
        }
        if (controller == address(0) || controller == previous) revert ControllerInvalid(issuerId, controller);
        issuer.controller = controller;
        emit ControllerChanged(issuerId, previous, controller, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function suspend(bytes32 issuerId) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, true)) revert IssuerUnauthorized(issuerId, msg.sender);
        _requireNotSuspended(issuerId, issuer);
        issuer.suspendedAt = _now();
        emit IssuerSuspended(issuerId, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function reinstate(bytes32 issuerId) external {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, true)) revert IssuerUnauthorized(issuerId, msg.sender);
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
    ) external whenNewAllowed returns (uint32 keyNo) {
        Issuer storage issuer = _requireController(issuerId);
        _requireNotSuspended(issuerId, issuer);
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
        _accountOf[keyNo] = account;
        emit AccountKeyBound(issuerId, account, keyNo, purposes, start, until);
    }

    /// @inheritdoc IIssuerRegistry
    function bindCredentialKey(bytes32 issuerId, bytes32 keyHash, uint8 purposes, uint40 from, uint40 until)
        external
        whenNewAllowed
    {
        _requireNotSuspended(issuerId, _requireController(issuerId));
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
        emit AccountKeyCompromised(issuerId, account, badFrom, msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function reportCredentialKeyCompromise(bytes32 issuerId, bytes32 keyHash, uint40 badFrom) external {
        _requireControllerOrVoucher(issuerId);
        CredentialKey storage key = _requireCredentialKey(issuerId, keyHash);
        key.badFrom = _earlierBadFrom(badFrom, key.badFrom);
        emit CredentialKeyCompromised(issuerId, keyHash, badFrom, msg.sender);
    }

    // ---------------------------------------------------------------- pause

    /// @inheritdoc IIssuerRegistry
    function pauseNew() external onlyRoot whenNewAllowed {
        _newPaused = true;
        emit NewPaused(msg.sender);
    }

    /// @inheritdoc IIssuerRegistry
    function unpauseNew() external onlyRoot {
        if (!_newPaused) revert NewIsNotPaused();
        _newPaused = false;
        emit NewUnpaused(msg.sender);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IIssuerRegistry
    function root() external view returns (address) {
        return _root;
    }

    /// @inheritdoc IIssuerRegistry
    function isNewPaused() external view returns (bool) {
        return _newPaused;
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
    function accountOf(uint32 keyNo) external view returns (address account) {
        account = _accountOf[keyNo];
        if (account == address(0)) revert KeyNoUnknown(keyNo);
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
        keyNo = _requireKey(account, issuerId, _ANCHOR);
        _requireNotSuspended(issuerId, _issuers[issuerId]);
    }

    /// @inheritdoc IIssuerRegistry
    function requireStatusKeyNo(address account, bytes32 issuerId, bool mayBeSuspended)
        external
        view
        returns (uint32 keyNo)
    {
        keyNo = _requireKey(account, issuerId, _STATUS);
        if (!mayBeSuspended) _requireNotSuspended(issuerId, _issuers[issuerId]);
    }

    /// @inheritdoc IIssuerRegistry
    function computeIssuerId(string calldata scheme, string calldata identifier)
        external
        pure
        returns (bytes32 issuerId)
    {
        return keccak256(abi.encode(scheme, identifier));
    }

    // ---------------------------------------------------------------- who may

    /// @dev A registrar that may act now: good up to the root, and its own entity in good standing.
    function _requireActiveRegistrar(address registrar) private view returns (bytes32 issuerId) {
        issuerId = _requireRegistrar(registrar).issuerId;
        if (!_registrarGoodAt(registrar, _now())) revert RegistrarNotGood(registrar, _now());
        _requireNotSuspended(issuerId, _issuers[issuerId]);
    }

    /// @dev The caller vouched for the entity, or for the registrar that did; the root, if `orRoot`.
    function _isVoucher(Issuer storage issuer, bool orRoot) private view returns (bool) {
        address registrar = issuer.registrar;
        bool vouches = msg.sender == registrar || msg.sender == _registrars[registrar].accreditor
            || (orRoot && msg.sender == _root);
        return vouches && _registrarGoodAt(msg.sender, _now());
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

    function _requireKey(address account, bytes32 issuerId, uint8 purpose) private view returns (uint32) {
        AccountKey storage key = _accountKeys[account];
        uint32 issuerNo = key.issuerNo;
        if (issuerNo == 0) revert AccountKeyUnbound(account);
        bytes32 boundTo = _issuerIdOf[issuerNo];
        if (boundTo != issuerId) revert AccountKeyOfOther(account, issuerId, boundTo);
        if (key.purposes & purpose == 0) revert AccountKeyLacksPurpose(account, key.purposes, purpose);
        if (!_holds(key.from, key.until, key.badFrom, _now())) {
            revert AccountKeyNotGood(account, _now(), key.from, key.until, key.badFrom);
        }
        return key.keyNo;
    }

    // ---------------------------------------------------------------- what is there

    function _requireRegistrar(address registrar) private view returns (Registrar storage record) {
        record = _registrars[registrar];
        if (record.accreditedAt == 0) revert RegistrarUnknown(registrar);
    }

    function _requireIssuer(bytes32 issuerId) private view returns (Issuer storage issuer) {
        issuer = _issuers[issuerId];
        if (issuer.registeredAt == 0) revert IssuerUnknown(issuerId);
    }

    function _requireNotSuspended(bytes32 issuerId, Issuer storage issuer) private view {
        uint40 since = issuer.suspendedAt;
        if (since != 0) revert IssuerIsSuspended(issuerId, since);
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

    /// @dev Walks up at most MAX_ACCREDITATIONS steps: each registrar is judged at the time it accredited the one below.
    function _registrarGoodAt(address registrar, uint40 time) private view returns (bool) {
        while (true) {
            Registrar storage record = _registrars[registrar];
            uint40 accreditedAt = record.accreditedAt;
            if (accreditedAt == 0 || !_holds(accreditedAt, 0, record.badFrom, time)) return false;
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

    /// @dev Not suspended at `time`, and vouched for by a registrar that was good when it registered the entity.
    function _issuerGoodAt(bytes32 issuerId, uint40 time) private view returns (bool) {
        Issuer storage issuer = _issuers[issuerId];
        if (issuer.suspendedAt != 0 && time >= issuer.suspendedAt) return false;
        if (_wasSuspendedAt(_pastSuspensions[issuerId], time)) return false;
        return _registrarGoodAt(issuer.registrar, issuer.registeredAt);
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
        address controller,
        address registrar,
        bytes32 evidenceHash,
        string memory evidenceURI
    ) private {
        if (!_isCanonical(bytes(scheme), _MAX_SCHEME_BYTES, true)) revert SchemeNotCanonical(scheme);
        if (!_isCanonical(bytes(identifier), _MAX_IDENTIFIER_BYTES, false)) revert IdentifierNotCanonical(identifier);
        _requireEvidence(evidenceHash, evidenceURI);
        Issuer storage issuer = _issuers[issuerId];
        if (issuer.registeredAt != 0) revert IssuerAlreadyRegistered(issuerId, issuer.registrar);
        if (controller == address(0)) revert ControllerInvalid(issuerId, controller);

        uint32 issuerNo = ++_issuerCount;
        _issuers[issuerId] = Issuer({
            controller: controller,
            registeredAt: _now(),
            suspendedAt: 0,
            registrar: registrar,
            issuerNo: issuerNo,
            evidenceHash: evidenceHash
        });
        _issuerIdOf[issuerNo] = issuerId;
        emit IssuerRegistered(
            issuerId, issuerNo, registrar, controller, scheme, identifier, evidenceHash, evidenceURI
        );
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

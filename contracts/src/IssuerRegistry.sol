// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {IOrganisationKeys} from "./IOrganisationKeys.sol";
import {OrganisationKeys} from "./OrganisationKeys.sol";
import {RegistryEntities} from "./RegistryEntities.sol";

/// @title Who answers for a key
/// @dev No proxy, no owner, no ether. The only calls to other contracts are static (ERC-1271 wallets, and the
/// judge of organisation keys that the constructor made), so nothing can re-enter with an effect. A pause stops new legal
/// entities and new keys, and nothing else. Entities are in RegistryEntities, judgements in RegistryStanding, all storage
/// in RegistryRecords; the keys are here.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract IssuerRegistry is RegistryEntities {
    /// @notice Bits an account key may have: 1 = ANCHOR, 2 = STATUS.
    uint8 public constant ACCOUNT_PURPOSES = 3;

    /// @notice Bits a credential key may have: 1 = ASSERT.
    uint8 public constant CREDENTIAL_PURPOSES = 1;

    /// @notice Type hash of the message an account signs to be bound.
    bytes32 public constant BIND_ACCOUNT_KEY_TYPEHASH =
        keccak256("BindAccountKey(bytes32 issuerId,address account,uint8 purposes,uint40 from,uint40 until)");

    /// @notice Type hash of the message an organisation key signs.
    bytes32 public constant BIND_ISSUER_TYPEHASH = keccak256("BindIssuer(bytes32 issuerId,address controller)");

    uint8 private constant _ANCHOR = 1;
    uint8 private constant _STATUS = 2;

    IOrganisationKeys private immutable _judge;

    /// @notice Deploys the registry with its root, which registers its own legal entity: the one entry that nobody
    /// else vouches for, and the reason why verifiers are told the root from outside.
    /// @param rootAccount The root registrar, also the first controller of its entity.
    /// @param scheme Scheme of the root's legal entity.
    /// @param identifier Identifier in that scheme.
    /// @param evidenceHash SHA-256 of the evidence about that entity.
    constructor(address rootAccount, string memory scheme, string memory identifier, bytes32 evidenceHash)
        EIP712("carbon-passport IssuerRegistry", "1")
        RegistryEntities(rootAccount, scheme, identifier, evidenceHash)
    {
        _judge = new OrganisationKeys();
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

    // ---------------------------------------------------------------- organisation keys

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

    /// @inheritdoc IIssuerRegistry
    function organisationKeys() external view returns (address) {
        return address(_judge);
    }

    /// @inheritdoc IIssuerRegistry
    function organisationMessage(bytes32 issuerId, address controller) public view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(BIND_ISSUER_TYPEHASH, issuerId, controller));
        return abi.encodePacked(hex"1901", _domainSeparatorV4(), structHash);
    }

    // ---------------------------------------------------------------- guardian

    /// @inheritdoc IIssuerRegistry
    function setGuardian(address guardian_) external onlyRoot {
        emit GuardianChanged(_guardian, guardian_);
        _guardian = guardian_;
    }

    // ---------------------------------------------------------------- who answers

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

    // ---------------------------------------------------------------- what is asked of keys

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

    function _setOrganisationKey(bytes32 issuerId, bool isSigned, bytes32 keyHash) private {
        if (!isSigned) revert OrganisationKeySignatureInvalid(issuerId, msg.sender);
        _organisationKeys[issuerId] =
            OrganisationKeyProof({keyHash: keyHash, controller: msg.sender, provenAt: _now()});
        emit OrganisationKeyProven(issuerId, keyHash, msg.sender);
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

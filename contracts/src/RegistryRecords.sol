// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {GuardedPause} from "./GuardedPause.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";

/// @title What the registry knows, and the views of it
/// @dev All of the registry's storage is here.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
abstract contract RegistryRecords is IIssuerRegistry, EIP712, GuardedPause {
    uint8 internal constant _ALONE = 0;
    uint8 internal constant _LINKED = 1;
    uint8 internal constant _PRIMARY = 2;

    address internal immutable _root;

    // The order of these and of the structs' members is read by verifiers through storage proofs: it never changes.
    uint32 internal _issuerCount;
    uint32 internal _keyCount;
    address internal _guardian;
    mapping(address registrar => Registrar) internal _registrars;
    mapping(bytes32 issuerId => Issuer) internal _issuers;
    mapping(bytes32 issuerId => Suspension[]) internal _pastSuspensions;
    mapping(bytes32 issuerId => Link) internal _links;
    mapping(bytes32 issuerId => Recovery[]) internal _recoveries;
    mapping(bytes32 issuerId => OrganisationKeyProof) internal _organisationKeys;
    mapping(uint32 issuerNo => bytes32 issuerId) internal _issuerIdOf;
    mapping(address account => AccountKey) internal _accountKeys;
    mapping(uint32 keyNo => uint40 badFrom) internal _badFromOf;
    mapping(bytes32 issuerId => mapping(bytes32 keyHash => CredentialKey)) internal _credentialKeys;

    modifier onlyRoot() {
        if (msg.sender != _root) revert RootUnauthorized(msg.sender);
        _;
    }

    /// @param rootAccount The root registrar.
    constructor(address rootAccount) {
        _root = rootAccount;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IIssuerRegistry
    function root() external view returns (address) {
        return _root;
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

    /// @inheritdoc GuardedPause
    function _rootAndGuardian() internal view override returns (address, address) {
        return (_root, _guardian);
    }

    // ---------------------------------------------------------------- what is there

    function _requireRegistrar(address registrar) internal view returns (Registrar storage record) {
        record = _registrars[registrar];
        if (record.accreditedAt == 0) revert RegistrarUnknown(registrar);
    }

    function _requireIssuer(bytes32 issuerId) internal view returns (Issuer storage issuer) {
        issuer = _issuers[issuerId];
        if (issuer.issuerNo == 0) revert IssuerUnknown(issuerId);
    }

    /// @dev The one that stands for all identifiers of a legal entity.
    function _primaryOf(bytes32 issuerId) internal view returns (bytes32) {
        return _issuers[issuerId].linkState == _LINKED ? _links[issuerId].primaryId : issuerId;
    }

    function _requireAccountKey(address account) internal view returns (AccountKey storage key) {
        key = _accountKeys[account];
        if (key.issuerNo == 0) revert AccountKeyUnbound(account);
    }

    function _requireCredentialKey(bytes32 issuerId, bytes32 keyHash) internal view returns (CredentialKey storage key) {
        key = _credentialKeys[issuerId][keyHash];
        if (key.boundAt == 0) revert CredentialKeyUnbound(issuerId, keyHash);
    }

    // ---------------------------------------------------------------- time

    function _now() internal view returns (uint40) {
        return uint40(block.timestamp); // 40 bits last until the year 36812
    }

    function _requireReached(uint40 time) internal view {
        if (time > _now()) revert TimeNotReached(time, _now());
    }

    function _holds(uint40 from, uint40 until, uint40 badFrom, uint40 time) internal pure returns (bool) {
        // An end of 0 means none: less one it wraps to the largest time there is, which is what is meant.
        unchecked {
            return from <= time && time <= until - 1 && time <= badFrom - 1;
        }
    }

    /// @dev The moment a binding begins: never before now.
    function _requireWindow(uint40 from, uint40 until) internal view returns (uint40 start) {
        start = from > _now() ? from : _now();
        if (until != 0 && until <= start) revert KeyWindowEmpty(start, until);
    }

    /// @dev The new end of a window that has not ended yet.
    function _requireOpen(uint40 until) internal view returns (uint40 end) {
        end = _now();
        if (until != 0 && until <= end) revert KeyAlreadyEnded(until);
    }

    /// @dev Reaches back, never forward of now, and never later than an earlier report.
    function _earlierBadFrom(uint40 badFrom, uint40 previous) internal view returns (uint40) {
        if (badFrom == 0 || badFrom > _now() || (previous != 0 && badFrom >= previous)) {
            revert BadFromInvalid(badFrom, previous, _now());
        }
        return badFrom;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKeyErrors} from "./IKeyErrors.sol";

/// @title Who answers for a key
/// @notice Registrars, accredited in a chain that ends at one root, register legal entities; the controller of an
/// entity binds the keys that speak for it. Everything a verifier needs is in storage and can be proven from a block
/// header; the events are for indexing.
/// @dev All times are unix seconds in `uint40`; 0 means "not set". A key is good at time t if and only if
/// `from <= t`, and `until == 0 || t < until`, and `badFrom == 0 || t < badFrom`.
/// Purposes are bits. Of an account: 1 = ANCHOR (commit checkpoints), 2 = STATUS (set statuses). Of a credential key:
/// 1 = ASSERT (sign passports).
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IIssuerRegistry is IKeyErrors {
    /// @notice An account that may register legal entities.
    /// @param issuerId The legal entity that answers for this registrar.
    /// @param accreditor The registrar that accredited it; zero for the root alone.
    /// @param accreditedAt When it was accredited.
    /// @param badFrom Since when what it did is void; 0 while it is trusted.
    struct Registrar {
        bytes32 issuerId;
        address accreditor;
        uint40 accreditedAt;
        uint40 badFrom;
    }

    /// @notice A legal entity.
    /// @param controller The account that binds and retires its keys.
    /// @param registeredAt When it was registered.
    /// @param suspendedAt Since when it is suspended; 0 while it is not.
    /// @param registrar The account that registered it and vouches for the evidence.
    /// @param issuerNo Its short number; the first is 1.
    /// @param evidenceHash SHA-256 of the evidence that ties the entity to its controller and keys.
    struct Issuer {
        address controller;
        uint40 registeredAt;
        uint40 suspendedAt;
        address registrar;
        uint32 issuerNo;
        bytes32 evidenceHash;
    }

    /// @notice A suspension that has ended; it held at t if `from <= t && t < until`.
    /// @param from When it began.
    /// @param until When the entity was reinstated.
    struct Suspension {
        uint40 from;
        uint40 until;
    }

    /// @notice An account bound to a legal entity: once, to one, for ever.
    /// @param issuerNo The entity's number.
    /// @param keyNo The account's own number; the first is 1.
    /// @param from Good from here on; never before the block that bound it.
    /// @param until Good up to here, exclusive; 0 for no end.
    /// @param badFrom Compromised since; 0 if no compromise was reported.
    /// @param purposes Bits: 1 = ANCHOR, 2 = STATUS.
    struct AccountKey {
        uint32 issuerNo;
        uint32 keyNo;
        uint40 from;
        uint40 until;
        uint40 badFrom;
        uint8 purposes;
    }

    /// @notice A key that signs passports, known by the hash of its Multikey text.
    /// @param boundAt When it was bound.
    /// @param from Good from here on; never before `boundAt`.
    /// @param until Good up to here, exclusive; 0 for no end.
    /// @param badFrom Compromised since; 0 if no compromise was reported.
    /// @param purposes Bits: 1 = ASSERT.
    struct CredentialKey {
        uint40 boundAt;
        uint40 from;
        uint40 until;
        uint40 badFrom;
        uint8 purposes;
    }

    /// @notice `registrar` may register legal entities from now on; `issuerId` answers for it.
    event RegistrarAccredited(address indexed registrar, bytes32 indexed issuerId, address indexed accreditor);

    /// @notice What `registrar` did at or after `badFrom` (unix seconds) is void.
    event RegistrarWithdrawn(address indexed registrar, uint40 badFrom, address indexed by);

    /// @notice `registrar` vouches that the legal entity `identifier` of `scheme` is under `controller`.
    /// `evidenceHash` is the SHA-256 of the document at `evidenceURI`.
    event IssuerRegistered(
        bytes32 indexed issuerId,
        uint32 indexed issuerNo,
        address indexed registrar,
        address controller,
        string scheme,
        string identifier,
        bytes32 evidenceHash,
        string evidenceURI
    );

    /// @notice `by` replaced the evidence of `issuerId`.
    event EvidenceUpdated(bytes32 indexed issuerId, bytes32 evidenceHash, string evidenceURI, address indexed by);

    /// @notice `by` handed `issuerId` from `previous` to `controller`.
    event ControllerChanged(
        bytes32 indexed issuerId, address indexed previous, address indexed controller, address by
    );

    /// @notice `issuerId` was suspended by `by`.
    event IssuerSuspended(bytes32 indexed issuerId, address indexed by);

    /// @notice `issuerId` is in good standing again; it was suspended since `suspendedAt` (unix seconds).
    event IssuerReinstated(bytes32 indexed issuerId, uint40 suspendedAt, address indexed by);

    /// @notice `account`, number `keyNo`, now speaks for `issuerId` in the window stored.
    event AccountKeyBound(
        bytes32 indexed issuerId, address indexed account, uint32 indexed keyNo, uint8 purposes, uint40 from, uint40 until
    );

    /// @notice `account` is good no longer than `until` (unix seconds).
    event AccountKeyRetired(bytes32 indexed issuerId, address indexed account, uint40 until);

    /// @notice `account` has been in wrong hands since `badFrom` (unix seconds), says `by`.
    event AccountKeyCompromised(bytes32 indexed issuerId, address indexed account, uint40 badFrom, address indexed by);

    /// @notice The credential key with hash `keyHash` now signs for `issuerId` in the window stored.
    event CredentialKeyBound(
        bytes32 indexed issuerId, bytes32 indexed keyHash, uint8 purposes, uint40 from, uint40 until
    );

    /// @notice The credential key is good no longer than `until` (unix seconds).
    event CredentialKeyRetired(bytes32 indexed issuerId, bytes32 indexed keyHash, uint40 until);

    /// @notice The credential key has been in wrong hands since `badFrom` (unix seconds), says `by`.
    event CredentialKeyCompromised(
        bytes32 indexed issuerId, bytes32 indexed keyHash, uint40 badFrom, address indexed by
    );

    /// @notice No new legal entities and keys until further notice.
    event NewPaused(address indexed by);

    /// @notice New legal entities and keys are welcome again.
    event NewUnpaused(address indexed by);

    /// @notice `caller` is not the root.
    error RootUnauthorized(address caller);

    /// @notice `registrar` was never accredited.
    error RegistrarUnknown(address registrar);

    /// @notice `registrar`, or one it owes its accreditation to, was withdrawn with effect at or before `time`.
    error RegistrarNotGood(address registrar, uint40 time);

    /// @notice `registrar` was accredited before; an account is accredited once.
    error RegistrarAlreadyAccredited(address registrar);

    /// @notice `registrar` would vouch for `issuerId`, the legal entity that answers for it.
    error RegistrarSelfVouching(address registrar, bytes32 issuerId);

    /// @notice `registrar` is neither the controller nor a good account key of `issuerId`, so that entity never agreed
    /// to answer for it.
    error RegistrarNotOfIssuer(address registrar, bytes32 issuerId);

    /// @notice `accreditor` already stands `depth` accreditations below the root, the most there may be.
    error RegistrarChainTooLong(address accreditor, uint256 depth);

    /// @notice `caller` is neither the accreditor of `registrar` nor the root.
    error RegistrarUnauthorized(address registrar, address caller);

    /// @notice `scheme` is not 1 to 16 characters of A-Z and 0-9.
    error SchemeNotCanonical(string scheme);

    /// @notice `identifier` is not 1 to 64 printable ASCII characters without spaces and small letters.
    error IdentifierNotCanonical(string identifier);

    /// @notice The evidence hash is zero, or its address longer than 2,048 bytes.
    error EvidenceInvalid(bytes32 evidenceHash, uint256 uriBytes);

    /// @notice No legal entity is registered under `issuerId`.
    error IssuerUnknown(bytes32 issuerId);

    /// @notice No legal entity has the number `issuerNo`.
    error IssuerNoUnknown(uint32 issuerNo);

    /// @notice `issuerId` is registered already, by `registrar`.
    error IssuerAlreadyRegistered(bytes32 issuerId, address registrar);

    /// @notice `issuerId` is not suspended.
    error IssuerNotSuspended(bytes32 issuerId);

    /// @notice `caller` may not do this to `issuerId`.
    error IssuerUnauthorized(bytes32 issuerId, address caller);

    /// @notice `controller` is zero or the present one.
    error ControllerInvalid(bytes32 issuerId, address controller);

    /// @notice `issuerId` has only `count` past suspensions.
    error SuspensionUnknown(bytes32 issuerId, uint256 position, uint256 count);

    /// @notice `account` is zero.
    error AccountKeyInvalid(address account);

    /// @notice `account` speaks for `boundTo`, for ever.
    error AccountKeyAlreadyBound(address account, bytes32 boundTo);

    /// @notice The signature is not `account`'s over this very binding (short, malleable or another's).
    error AccountKeySignatureInvalid(bytes32 issuerId, address account);

    /// @notice No account has the number `keyNo`.
    error KeyNoUnknown(uint32 keyNo);

    /// @notice `keyHash` is zero.
    error CredentialKeyInvalid(bytes32 keyHash);

    /// @notice `issuerId` has not bound `keyHash`.
    error CredentialKeyUnbound(bytes32 issuerId, bytes32 keyHash);

    /// @notice `issuerId` has bound `keyHash` before; a key is bound once.
    error CredentialKeyAlreadyBound(bytes32 issuerId, bytes32 keyHash);

    /// @notice `purposes` is empty or has bits outside `allowed`.
    error KeyPurposesInvalid(uint8 purposes, uint8 allowed);

    /// @notice The window would be empty: `until` is set and not after `from` (the later of the one asked for and now).
    error KeyWindowEmpty(uint40 from, uint40 until);

    /// @notice The key's window already ended at `until`.
    error KeyAlreadyEnded(uint40 until);

    /// @notice `badFrom` is zero, later than `time` (now), or not earlier than the one reported before (`previous`).
    error BadFromInvalid(uint40 badFrom, uint40 previous, uint40 time);

    /// @notice New legal entities and keys are paused.
    error NewIsPaused();

    /// @notice New legal entities and keys are not paused.
    error NewIsNotPaused();

    /// @notice `time` is after `blockTime`: what will hold then cannot be told.
    error TimeNotReached(uint40 time, uint40 blockTime);

    /// @notice Makes `registrar` a registrar for which the legal entity `issuerId` answers.
    /// @dev Only a registrar that is good, with its whole chain, and whose own entity is not suspended. Emits
    /// {RegistrarAccredited}. Reverts with {RegistrarUnknown}, {RegistrarNotGood}, {IssuerIsSuspended},
    /// {RegistrarChainTooLong}, {RegistrarAlreadyAccredited}, {IssuerUnknown}, {RegistrarSelfVouching} (the root alone
    /// may accredit further accounts of its own entity) or {RegistrarNotOfIssuer}.
    /// @param registrar The account; the entity's controller or one of its good account keys.
    /// @param issuerId The legal entity, registered and not suspended.
    function accreditRegistrar(address registrar, bytes32 issuerId) external;

    /// @notice Declares void what `registrar` did at or after `badFrom`, and what hangs on it.
    /// @dev Only its accreditor, while that is good, or the root. May be repeated with an earlier time. Emits
    /// {RegistrarWithdrawn}. Reverts with {RegistrarUnknown}, {RegistrarUnauthorized}, {RegistrarNotGood} or
    /// {BadFromInvalid}.
    /// @param registrar The registrar.
    /// @param badFrom Unix seconds, not after this block, before any earlier report.
    function withdrawRegistrar(address registrar, uint40 badFrom) external;

    /// @notice Registers a legal entity.
    /// @dev Only a registrar that is good, with its whole chain, and whose own entity is not suspended; never for that
    /// own entity. Emits {IssuerRegistered}. Reverts with {NewIsPaused}, {RegistrarUnknown}, {RegistrarNotGood},
    /// {IssuerIsSuspended}, {SchemeNotCanonical}, {IdentifierNotCanonical}, {EvidenceInvalid},
    /// {RegistrarSelfVouching}, {IssuerAlreadyRegistered} or {ControllerInvalid}.
    /// @param scheme LEI, EUID, VAT, GLN, USCC: 1 to 16 characters of A-Z and 0-9.
    /// @param identifier 1 to 64 printable ASCII characters without spaces and small letters.
    /// @param controller The account that will bind the entity's keys; preferably a multisig.
    /// @param evidenceHash SHA-256 of the evidence document.
    /// @param evidenceURI Where the evidence was at that time, at most 2,048 bytes; kept in the event only.
    /// @return issuerId The entity's id, see {computeIssuerId}.
    function registerIssuer(
        string calldata scheme,
        string calldata identifier,
        address controller,
        bytes32 evidenceHash,
        string calldata evidenceURI
    ) external returns (bytes32 issuerId);

    /// @notice Replaces the hash of the evidence.
    /// @dev Only the entity's registrar, that one's accreditor or the root, while good. Emits {EvidenceUpdated}.
    /// Reverts with {IssuerUnknown}, {IssuerUnauthorized} or {EvidenceInvalid}.
    /// @param issuerId The legal entity.
    /// @param evidenceHash SHA-256 of the new evidence document.
    /// @param evidenceURI Where it is, at most 2,048 bytes; kept in the event only.
    function updateEvidence(bytes32 issuerId, bytes32 evidenceHash, string calldata evidenceURI) external;

    /// @notice Hands the entity to another controller.
    /// @dev Only the controller, unless the entity is suspended, or the entity's registrar or that one's accreditor,
    /// while good (a lost or stolen controller). Emits {ControllerChanged}. Reverts with {IssuerUnknown},
    /// {IssuerUnauthorized}, {IssuerIsSuspended} or {ControllerInvalid}.
    /// @param issuerId The legal entity.
    /// @param controller The new controller.
    function setController(bytes32 issuerId, address controller) external;

    /// @notice Suspends the entity from this block on: it can neither commit nor bind keys.
    /// @dev Only the entity's registrar, that one's accreditor or the root, while good. Emits {IssuerSuspended}.
    /// Reverts with {IssuerUnknown}, {IssuerUnauthorized} or {IssuerIsSuspended}.
    /// @param issuerId The legal entity.
    function suspend(bytes32 issuerId) external;

    /// @notice Ends the suspension with this block; that it was stays on record.
    /// @dev Only the entity's registrar, that one's accreditor or the root, while good. Emits {IssuerReinstated}.
    /// Reverts with {IssuerUnknown}, {IssuerUnauthorized} or {IssuerNotSuspended}.
    /// @param issuerId The legal entity.
    function reinstate(bytes32 issuerId) external;

    /// @notice Binds `account` to the entity, once and for ever, with the account's own consent.
    /// @dev Only the controller. The account signs the EIP-712 message `BindAccountKey(bytes32 issuerId,address
    /// account,uint8 purposes,uint40 from,uint40 until)` of this contract on this chain: 65 bytes r, s, v with low s,
    /// or whatever an ERC-1271 wallet accepts. What is stored as `from` is the later of `from` and now, so that no
    /// binding reaches back. Emits {AccountKeyBound} with what is stored. Reverts with {NewIsPaused}, {IssuerUnknown},
    /// {IssuerUnauthorized}, {IssuerIsSuspended}, {AccountKeyInvalid}, {AccountKeyAlreadyBound}, {KeyPurposesInvalid},
    /// {KeyWindowEmpty} or {AccountKeySignatureInvalid}.
    /// @param issuerId The legal entity.
    /// @param account The account.
    /// @param purposes Bits: 1 = ANCHOR, 2 = STATUS; at least one.
    /// @param from Unix seconds; 0 for "from now on".
    /// @param until Unix seconds, exclusive; 0 for no end.
    /// @param accountSignature The account's consent.
    /// @return keyNo The account's number.
    function bindAccountKey(
        bytes32 issuerId,
        address account,
        uint8 purposes,
        uint40 from,
        uint40 until,
        bytes calldata accountSignature
    ) external returns (uint32 keyNo);

    /// @notice Binds a credential key to the entity, once.
    /// @dev Only the controller. Keyed by entity: nobody can take another's key hash. What is stored as `from` is the
    /// later of `from` and now. Emits {CredentialKeyBound} with what is stored. Reverts with {NewIsPaused},
    /// {IssuerUnknown}, {IssuerUnauthorized}, {IssuerIsSuspended}, {CredentialKeyInvalid}, {CredentialKeyAlreadyBound},
    /// {KeyPurposesInvalid} or {KeyWindowEmpty}.
    /// @param issuerId The legal entity.
    /// @param keyHash SHA-256 of the UTF-8 bytes of the key's Multikey text (`z6Mk...`).
    /// @param purposes Bits: 1 = ASSERT, the only one so far.
    /// @param from Unix seconds; 0 for "from now on".
    /// @param until Unix seconds, exclusive; 0 for no end.
    function bindCredentialKey(bytes32 issuerId, bytes32 keyHash, uint8 purposes, uint40 from, uint40 until) external;

    /// @notice Ends the account's window now; what it did before stays good.
    /// @dev Only the controller, suspended or not. Emits {AccountKeyRetired}. Reverts with {AccountKeyUnbound},
    /// {IssuerUnauthorized} or {KeyAlreadyEnded}.
    /// @param account The account.
    function retireAccountKey(address account) external;

    /// @notice Ends the credential key's window now; what it signed before stays good.
    /// @dev Only the controller, suspended or not. Emits {CredentialKeyRetired}. Reverts with {IssuerUnknown},
    /// {IssuerUnauthorized}, {CredentialKeyUnbound} or {KeyAlreadyEnded}.
    /// @param issuerId The legal entity.
    /// @param keyHash Hash of the key.
    function retireCredentialKey(bytes32 issuerId, bytes32 keyHash) external;

    /// @notice Reports that the account has been in wrong hands since `badFrom`.
    /// @dev Only the controller, or the entity's registrar, that one's accreditor or the root, while good. May be
    /// repeated with an earlier time. Emits {AccountKeyCompromised}. Reverts with {AccountKeyUnbound},
    /// {IssuerUnauthorized} or {BadFromInvalid}.
    /// @param account The account.
    /// @param badFrom Unix seconds, not after this block, before any earlier report.
    function reportAccountKeyCompromise(address account, uint40 badFrom) external;

    /// @notice Reports that the credential key has been in wrong hands since `badFrom`.
    /// @dev Only the controller, or the entity's registrar, that one's accreditor or the root, while good. May be
    /// repeated with an earlier time. Emits {CredentialKeyCompromised}. Reverts with {IssuerUnknown},
    /// {IssuerUnauthorized}, {CredentialKeyUnbound} or {BadFromInvalid}.
    /// @param issuerId The legal entity.
    /// @param keyHash Hash of the key.
    /// @param badFrom Unix seconds, not after this block, before any earlier report.
    function reportCredentialKeyCompromise(bytes32 issuerId, bytes32 keyHash, uint40 badFrom) external;

    /// @notice Stops new legal entities and new keys, and nothing else.
    /// @dev Only the root. Emits {NewPaused}. Reverts with {RootUnauthorized} or {NewIsPaused}.
    function pauseNew() external;

    /// @notice Lets in new legal entities and new keys again.
    /// @dev Only the root. Emits {NewUnpaused}. Reverts with {RootUnauthorized} or {NewIsNotPaused}.
    function unpauseNew() external;

    /// @notice The account every chain of accreditations ends at, fixed at deployment.
    /// @return The root registrar.
    function root() external view returns (address);

    /// @notice Whether new legal entities and keys are paused.
    /// @return True while they are.
    function isNewPaused() external view returns (bool);

    /// @notice The legal entity.
    /// @dev Reverts with {IssuerUnknown}.
    /// @param issuerId Its id.
    /// @return What is stored.
    function issuerOf(bytes32 issuerId) external view returns (Issuer memory);

    /// @notice The id of the legal entity with the number `issuerNo`.
    /// @dev Reverts with {IssuerNoUnknown}.
    /// @param issuerNo Its number.
    /// @return issuerId Its id.
    function issuerIdOf(uint32 issuerNo) external view returns (bytes32 issuerId);

    /// @notice The registrar.
    /// @dev Reverts with {RegistrarUnknown}.
    /// @param registrar Its account.
    /// @return What is stored.
    function registrarOf(address registrar) external view returns (Registrar memory);

    /// @notice The account's binding.
    /// @dev Reverts with {AccountKeyUnbound}.
    /// @param account The account.
    /// @return What is stored.
    function accountKeyOf(address account) external view returns (AccountKey memory);

    /// @notice The account with the number `keyNo`.
    /// @dev Reverts with {KeyNoUnknown}.
    /// @param keyNo Its number, as checkpoints name it.
    /// @return account The account.
    function accountOf(uint32 keyNo) external view returns (address account);

    /// @notice The credential key's binding.
    /// @dev Reverts with {CredentialKeyUnbound}.
    /// @param issuerId The legal entity.
    /// @param keyHash Hash of the key.
    /// @return What is stored.
    function credentialKeyOf(bytes32 issuerId, bytes32 keyHash) external view returns (CredentialKey memory);

    /// @notice How many suspensions of the entity have ended.
    /// @dev Reverts with {IssuerUnknown}.
    /// @param issuerId The legal entity.
    /// @return count Their number.
    function pastSuspensionCount(bytes32 issuerId) external view returns (uint256 count);

    /// @notice A suspension that has ended, oldest first.
    /// @dev Reverts with {IssuerUnknown} or {SuspensionUnknown}.
    /// @param issuerId The legal entity.
    /// @param position From 0 to {pastSuspensionCount} less one.
    /// @return What is stored.
    function pastSuspensionOf(bytes32 issuerId, uint256 position) external view returns (Suspension memory);

    /// @notice Whether the registrar, and every one its accreditation hangs on, was good at `time`.
    /// @dev False for an account that was never accredited. Reverts with {TimeNotReached}.
    /// @param registrar Its account.
    /// @param time Unix seconds, not after this block.
    /// @return True if it was.
    function registrarGoodAt(address registrar, uint40 time) external view returns (bool);

    /// @notice Whether the account spoke for its legal entity at `time`, as far as is known now: the key was good, the
    /// entity not suspended, and its registrar good, up to the root, when it registered the entity.
    /// @dev False for an account that was never bound. Purposes are not judged. Reverts with {TimeNotReached}.
    /// @param account The account.
    /// @param time Unix seconds, not after this block.
    /// @return True if it did.
    function authorisedAt(address account, uint40 time) external view returns (bool);

    /// @notice Whether the credential key signed for the legal entity at `time`, judged like {authorisedAt}.
    /// @dev False for a key that was never bound. Reverts with {TimeNotReached}.
    /// @param issuerId The legal entity.
    /// @param keyHash Hash of the key.
    /// @param time Unix seconds, not after this block.
    /// @return True if it did.
    function credentialAuthorisedAt(bytes32 issuerId, bytes32 keyHash, uint40 time) external view returns (bool);

    /// @notice The number of an account that may anchor for `issuerId` now.
    /// @dev What a log asks before it accepts a checkpoint. It reads the key and the entity, and not the chain of
    /// registrars: whether that held is for {authorisedAt} and for verifiers to judge. Reverts with
    /// {AccountKeyUnbound}, {AccountKeyOfOther}, {AccountKeyLacksPurpose}, {AccountKeyNotGood} or {IssuerIsSuspended}.
    /// @param account The account.
    /// @param issuerId The legal entity.
    /// @return keyNo The account's number.
    function requireAnchorKeyNo(address account, bytes32 issuerId) external view returns (uint32 keyNo);

    /// @notice The number of an account that may set statuses for `issuerId` now.
    /// @dev Like {requireAnchorKeyNo}, for the purpose STATUS.
    /// @param account The account.
    /// @param issuerId The legal entity.
    /// @param mayBeSuspended True if a suspension of the entity is no obstacle.
    /// @return keyNo The account's number.
    function requireStatusKeyNo(address account, bytes32 issuerId, bool mayBeSuspended)
        external
        view
        returns (uint32 keyNo);

    /// @notice The id of a legal entity: keccak256 of the ABI encoding of both strings.
    /// @param scheme The scheme.
    /// @param identifier The identifier in that scheme.
    /// @return issuerId The id, whether or not it is registered.
    function computeIssuerId(string calldata scheme, string calldata identifier)
        external
        pure
        returns (bytes32 issuerId);
}

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

    /// @notice A legal entity: one registration of one identifier.
    /// @param controller The account that binds and retires its keys.
    /// @param issuerNo Its short number; the first is 1.
    /// @param suspendedAt Since when it is suspended; 0 while it is not.
    /// @param roles Bits: 1 = manufacturer, 2 = supplier, 4 = auditor, 8 = registrar, 16 = recycler, 32 = node operator.
    /// @param linkState 0 = stands alone, 1 = linked to a primary, 2 = primary of others.
    /// @param isAnnulled Whether `voidFrom` is set.
    /// @param registrar The account that registered it and vouches for the evidence.
    /// @param registeredAt When it was registered.
    /// @param voidFrom Since when what it did is void, because its registration was annulled; 0 while it stands.
    /// @param evidenceHash SHA-256 of the evidence that ties the entity to its controller and keys.
    struct Issuer {
        address controller;
        uint32 issuerNo;
        uint40 suspendedAt;
        uint8 roles;
        uint8 linkState;
        bool isAnnulled;
        address registrar;
        uint40 registeredAt;
        uint40 voidFrom;
        bytes32 evidenceHash;
    }

    /// @notice That an identifier names the same legal entity as another, its primary.
    /// @param primaryId The primary; 0 if a link was neither requested nor made.
    /// @param agreedBy The controller of both that agreed.
    /// @param requestedAt When it did.
    /// @param linkedAt When a voucher confirmed it; 0 while only requested. From then on it is for good.
    struct Link {
        bytes32 primaryId;
        address agreedBy;
        uint40 requestedAt;
        uint40 linkedAt;
    }

    /// @notice A controller that was lost or stolen, and its replacement.
    /// @param controller The new controller that was asked for.
    /// @param requestedAt When.
    /// @param endedAt When it was vetoed, executed or voided; 0 while it is pending.
    /// @param state 1 = pending, 2 = vetoed, 3 = executed, 4 = voided.
    /// @param by Who asked for it.
    struct Recovery {
        address controller;
        uint40 requestedAt;
        uint40 endedAt;
        uint8 state;
        address by;
    }

    /// @notice An X.509 organisation key that signed for the entity.
    /// @param keyHash SHA-256 of its SubjectPublicKeyInfo.
    /// @param controller The controller it signed for.
    /// @param provenAt When that was shown.
    struct OrganisationKeyProof {
        bytes32 keyHash;
        address controller;
        uint40 provenAt;
    }

    /// @notice A registrar in the chain from an entity up to the root.
    /// @param registrar Its account.
    /// @param issuerId The legal entity that answers for it.
    /// @param vouchedAt When it registered the entity, or accredited the registrar before it in the list.
    /// @param badFrom Since when what it did is void; 0 while it is trusted.
    struct Voucher {
        address registrar;
        bytes32 issuerId;
        uint40 vouchedAt;
        uint40 badFrom;
    }

    /// @notice Who is accountable for a key, who vouches for that, and since when.
    /// @param issuerId The legal entity.
    /// @param primaryId Its primary; itself if it is not linked.
    /// @param controller The account that binds its keys.
    /// @param registeredAt When it was registered.
    /// @param keyFrom Since when the key is good.
    /// @param isGood Whether the key speaks for the entity now, as {authorisedAt} judges.
    /// @param vouchers From the registrar that registered the entity up to the root.
    struct Answer {
        bytes32 issuerId;
        bytes32 primaryId;
        address controller;
        uint40 registeredAt;
        uint40 keyFrom;
        bool isGood;
        Voucher[] vouchers;
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
        uint256 generation,
        bytes32 evidenceHash,
        string evidenceURI
    );

    /// @notice `by` says that `issuerId` has these roles (bits) from now on, and no others.
    event RolesSet(bytes32 indexed issuerId, uint8 roles, address indexed by);

    /// @notice The registration of `issuerId` is annulled: what it did at or after `voidFrom` (unix seconds) is void.
    event IssuerAnnulled(bytes32 indexed issuerId, uint40 voidFrom, address indexed by);

    /// @notice The annulment of `issuerId` is taken back.
    event IssuerRestored(bytes32 indexed issuerId, address indexed by);

    /// @notice The controller of both agrees that `issuerId` names the same legal entity as `primaryId`.
    event LinkRequested(bytes32 indexed issuerId, bytes32 indexed primaryId, address indexed by);

    /// @notice `issuerId` names the same legal entity as `primaryId`, confirms `by`.
    event IssuerLinked(bytes32 indexed issuerId, bytes32 indexed primaryId, address indexed by);

    /// @notice `by` asks that `controller` takes over `issuerId` from `executableFrom` (unix seconds) on.
    event RecoveryRequested(
        bytes32 indexed issuerId, address indexed controller, uint40 executableFrom, address indexed by
    );

    /// @notice The controller `by` of `issuerId` refused to be replaced by `controller`.
    event RecoveryVetoed(bytes32 indexed issuerId, address indexed controller, address indexed by);

    /// @notice That `controller` takes over `issuerId` was asked by a registrar that was bad then, finds `by`, who asks now.
    event RecoveryVoided(bytes32 indexed issuerId, address indexed controller, address indexed by);

    /// @notice The X.509 key with the hash `keyHash` signed that `controller` speaks for `issuerId`.
    event OrganisationKeyProven(bytes32 indexed issuerId, bytes32 indexed keyHash, address indexed controller);

    /// @notice `guardian` may pause this registry and the logs over it; zero: nobody but the root.
    event GuardianChanged(address indexed previous, address indexed guardian);

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

    /// @notice `roles` has bits outside `allowed`.
    error RolesInvalid(uint8 roles, uint8 allowed);

    /// @notice The registration of `issuerId` is not annulled.
    error IssuerNotAnnulled(bytes32 issuerId);

    /// @notice `issuerId` cannot be linked to `primaryId`: they are the same, or one of them is in links already that
    /// do not allow it (a primary is not linked itself, and a linked one has one primary).
    error LinkInvalid(bytes32 issuerId, bytes32 primaryId);

    /// @notice The controller has not agreed that `issuerId` be linked to `primaryId`.
    error LinkNotRequested(bytes32 issuerId, bytes32 primaryId);

    /// @notice No recovery of `issuerId` is pending.
    error RecoveryNotPending(bytes32 issuerId);

    /// @notice A recovery of `issuerId` is pending already.
    error RecoveryIsPending(bytes32 issuerId);

    /// @notice The recovery may be executed from `executableFrom` on, and now is `time` (unix seconds).
    error RecoveryNotDue(bytes32 issuerId, uint40 executableFrom, uint40 time);

    /// @notice There are only `count` recoveries of `issuerId`.
    error RecoveryUnknown(bytes32 issuerId, uint256 position, uint256 count);

    /// @notice No organisation key was proven for `issuerId`.
    error OrganisationKeyUnknown(bytes32 issuerId);

    /// @notice The signature is not that key's over the binding of `issuerId` to `controller` here.
    error OrganisationKeySignatureInvalid(bytes32 issuerId, address controller);

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

    /// @notice Registers a legal entity, with the id of {currentIssuerId}.
    /// @dev Only a registrar that is good, with its whole chain, and whose own entity is not suspended; never for that
    /// own entity. Emits {IssuerRegistered}. Reverts with {IGuardedPause-IsPaused}, {RegistrarUnknown}, {RegistrarNotGood},
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

    /// @notice Says which roles the entity has.
    /// @dev Only the entity's registrar, that one's accreditor or the root, while good. Emits {RolesSet}. Reverts with
    /// {IssuerUnknown}, {IssuerUnauthorized} or {RolesInvalid}.
    /// @param issuerId The legal entity.
    /// @param roles Bits: 1 = manufacturer, 2 = supplier, 4 = auditor, 8 = registrar, 16 = recycler, 32 = node operator.
    function setRoles(bytes32 issuerId, uint8 roles) external;

    /// @notice Annuls a registration and frees its identifier: the next {registerIssuer} of it makes a new legal
    /// entity with an id of its own, so that nothing of the annulled one is inherited, neither keys nor log.
    /// @dev Only the accreditor of the registrar that registered it, while good, or the root; never that registrar
    /// itself. May be repeated with an earlier time. Emits {IssuerAnnulled}. Reverts with {IssuerUnknown},
    /// {IssuerUnauthorized} or {BadFromInvalid}.
    /// @param issuerId The legal entity.
    /// @param voidFrom Unix seconds, not after this block, before any earlier one; what the entity did at or after it
    /// is void. Its registration or before, where it was never the entity it claimed to be.
    function annulIssuer(bytes32 issuerId, uint40 voidFrom) external;

    /// @notice Takes an annulment back, as long as nobody else holds the identifier.
    /// @dev Only the root: against accreditors that turn out bad. Emits {IssuerRestored}. Reverts with
    /// {RootUnauthorized}, {IssuerUnknown}, {IssuerNotAnnulled} or {IssuerAlreadyRegistered}.
    /// @param scheme The scheme.
    /// @param identifier The identifier in that scheme.
    /// @param generation How many registrations of it were annulled before this one.
    function restoreIssuer(string calldata scheme, string calldata identifier, uint256 generation) external;

    /// @notice Agrees that `issuerId` and `primaryId` name the same legal entity.
    /// @dev Only the controller of both, which must be the same account; neither suspended nor annulled. Emits
    /// {LinkRequested}. Reverts with {IssuerUnknown}, {IssuerUnauthorized}, {IssuerIsSuspended}, {IssuerIsAnnulled} or
    /// {LinkInvalid}.
    /// @param issuerId The one to be linked.
    /// @param primaryId The one it will follow.
    function requestLink(bytes32 issuerId, bytes32 primaryId) external;

    /// @notice Confirms a link that was requested: for good. A suspension of the primary counts for the linked one
    /// from then on, and neither can vouch for what the other could not.
    /// @dev Only the registrar of `issuerId`, that one's accreditor or the root, while good, and only while both still
    /// have the controller that agreed. Emits {IssuerLinked}. Reverts with {IssuerUnknown}, {IssuerUnauthorized},
    /// {LinkNotRequested}, {IssuerIsSuspended}, {IssuerIsAnnulled}, {LinkInvalid} or {RegistrarSelfVouching} (one of
    /// them answers for the registrar of one of them).
    /// @param issuerId The one to be linked.
    /// @param primaryId The one it will follow.
    function linkIssuer(bytes32 issuerId, bytes32 primaryId) external;

    /// @notice Hands the entity to another controller; a pending recovery is refused by that.
    /// @dev Only the controller, unless the entity is suspended or annulled. Emits {ControllerChanged}. Reverts with
    /// {IssuerUnknown}, {IssuerUnauthorized}, {IssuerIsSuspended}, {IssuerIsAnnulled} or {ControllerInvalid}.
    /// @param issuerId The legal entity.
    /// @param controller The new controller.
    function setController(bytes32 issuerId, address controller) external;

    /// @notice Asks for another controller because the present one is lost or stolen.
    /// @dev Only the entity's registrar or that one's accreditor, while good. A pending request gives way if the
    /// registrar that made it was bad then, as is known now: it can never be executed. Emits {RecoveryRequested}, and
    /// {RecoveryVoided} before it for one that gave way. Reverts with {IssuerUnknown}, {IssuerUnauthorized},
    /// {RecoveryIsPending} or {ControllerInvalid}.
    /// @param issuerId The legal entity.
    /// @param controller The new controller.
    function requestRecovery(bytes32 issuerId, address controller) external;

    /// @notice Refuses the pending recovery.
    /// @dev Only the present controller, suspended or not, until the recovery is executed. Emits {RecoveryVetoed}.
    /// Reverts with {IssuerUnknown}, {IssuerUnauthorized} or {RecoveryNotPending}.
    /// @param issuerId The legal entity.
    function vetoRecovery(bytes32 issuerId) external;

    /// @notice Executes the pending recovery after {RECOVERY_DELAY}.
    /// @dev Anyone; what decides is that nobody vetoed and that the registrar that asked was good when it did, as is
    /// known now. Emits {ControllerChanged} with that registrar as `by`. Reverts with {IssuerUnknown},
    /// {RecoveryNotPending}, {RecoveryNotDue} or {RegistrarNotGood}.
    /// @param issuerId The legal entity.
    function executeRecovery(bytes32 issuerId) external;

    /// @notice Shows that the entity's X.509 key, RSA of 2,048 to 4,096 bits, speaks for its controller.
    /// @dev Only the controller. The key signs, PKCS#1 v1.5 with SHA-256, the message of {organisationMessage}. A later
    /// proof takes the place of an earlier one. Emits {OrganisationKeyProven}. Reverts with {IssuerUnknown},
    /// {IssuerUnauthorized}, {IssuerIsSuspended}, {IssuerIsAnnulled}, `ModulusInvalid` or
    /// {OrganisationKeySignatureInvalid}.
    /// @param issuerId The legal entity.
    /// @param modulus The public modulus, 256 to 512 bytes; the exponent is 65,537.
    /// @param signature As long as the modulus.
    function proveRsaOrganisationKey(bytes32 issuerId, bytes calldata modulus, bytes calldata signature) external;

    /// @notice Shows that the entity's X.509 key on P-256 speaks for its controller.
    /// @dev Like {proveRsaOrganisationKey}, with ECDSA over P-256 and SHA-256, s at most half the group's order.
    /// @param issuerId The legal entity.
    /// @param x The public point.
    /// @param y The public point.
    /// @param r The signature.
    /// @param s The signature.
    function proveP256OrganisationKey(bytes32 issuerId, bytes32 x, bytes32 y, bytes32 r, bytes32 s) external;

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
    /// binding reaches back. Emits {AccountKeyBound} with what is stored. Reverts with {IGuardedPause-IsPaused}, {IssuerUnknown},
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
    /// later of `from` and now. Emits {CredentialKeyBound} with what is stored. Reverts with {IGuardedPause-IsPaused},
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

    /// @notice Says who may pause this registry and the logs over it beside the root.
    /// @dev Only the root. Emits {GuardianChanged}. Reverts with {RootUnauthorized}.
    /// @param guardian_ The account; zero for nobody.
    function setGuardian(address guardian_) external;

    /// @notice The account every chain of accreditations ends at, fixed at deployment.
    /// @return The root registrar.
    function root() external view returns (address);

    /// @notice Who may pause this registry and the logs over it beside the root.
    /// @return The account; zero for nobody.
    function guardian() external view returns (address);

    /// @notice The contract that judges signatures of organisation keys, made by this one's constructor.
    /// @return Its address.
    function organisationKeys() external view returns (address);

    /// @notice How long the present controller may veto a recovery at least.
    /// @return Seconds.
    function RECOVERY_DELAY() external view returns (uint40);

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

    /// @notice Since when the account with the number `keyNo` is compromised.
    /// @dev What a verifier needs of the account behind a checkpoint: all else the log has judged at the commit.
    /// @param keyNo Its number, as checkpoints name it.
    /// @return badFrom Unix seconds; 0 if no compromise was reported, or no account has that number.
    function badFromOf(uint32 keyNo) external view returns (uint40 badFrom);

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

    /// @notice The entity's link to a primary, made or requested.
    /// @dev Reverts with {IssuerUnknown}. All zero if there is neither.
    /// @param issuerId The legal entity.
    /// @return What is stored.
    function linkOf(bytes32 issuerId) external view returns (Link memory);

    /// @notice How many recoveries of the entity were ever requested.
    /// @dev Reverts with {IssuerUnknown}.
    /// @param issuerId The legal entity.
    /// @return count Their number.
    function recoveryCount(bytes32 issuerId) external view returns (uint256 count);

    /// @notice A recovery, oldest first; only the last can be pending.
    /// @dev Reverts with {IssuerUnknown} or {RecoveryUnknown}.
    /// @param issuerId The legal entity.
    /// @param position From 0 to {recoveryCount} less one.
    /// @return What is stored.
    function recoveryOf(bytes32 issuerId, uint256 position) external view returns (Recovery memory);

    /// @notice The organisation key that signed for the entity.
    /// @dev Reverts with {OrganisationKeyUnknown}. It speaks for the controller it names, which need not be the present
    /// one.
    /// @param issuerId The legal entity.
    /// @return What is stored.
    function organisationKeyOf(bytes32 issuerId) external view returns (OrganisationKeyProof memory);

    /// @notice What an organisation key signs: the EIP-712 message `BindIssuer(bytes32 issuerId,address controller)` of
    /// this contract on this chain, 66 bytes, to be hashed by SHA-256 instead of Keccak-256.
    /// @param issuerId The legal entity.
    /// @param controller Its controller.
    /// @return The bytes.
    function organisationMessage(bytes32 issuerId, address controller) external view returns (bytes memory);

    /// @notice Who is accountable for an account, who vouches for that, and since when.
    /// @dev Reverts with {AccountKeyUnbound}.
    /// @param account The account.
    /// @return The answer as of now.
    function answerForAccount(address account) external view returns (Answer memory);

    /// @notice Who is accountable for a credential key, who vouches for that, and since when.
    /// @dev Reverts with {CredentialKeyUnbound}.
    /// @param issuerId The legal entity.
    /// @param keyHash Hash of the key.
    /// @return The answer as of now.
    function answerForCredentialKey(bytes32 issuerId, bytes32 keyHash) external view returns (Answer memory);

    /// @notice Whether the registrar, and every one its accreditation hangs on, was good at `time`.
    /// @dev False for an account that was never accredited, and where one accredited another of its own legal entity,
    /// linked identifiers included (the root may). Reverts with {TimeNotReached}.
    /// @param registrar Its account.
    /// @param time Unix seconds, not after this block.
    /// @return True if it was.
    function registrarGoodAt(address registrar, uint40 time) external view returns (bool);

    /// @notice Whether the account spoke for its legal entity at `time`, as far as is known now: the key was good, the
    /// entity neither void nor suspended, nor its primary suspended, and its registrar good, up to the root, and of
    /// another legal entity, when it registered this one.
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
    /// {AccountKeyUnbound}, {AccountKeyOfOther}, {AccountKeyLacksPurpose}, {AccountKeyNotGood}, {IssuerIsSuspended} or
    /// {IssuerIsAnnulled}.
    /// @param account The account.
    /// @param issuerId The legal entity.
    /// @return keyNo The account's number.
    function requireAnchorKeyNo(address account, bytes32 issuerId) external view returns (uint32 keyNo);

    /// @notice The number of an account that may set statuses for `issuerId` now.
    /// @dev Like {requireAnchorKeyNo}, for the purpose STATUS.
    /// @param account The account.
    /// @param issuerId The legal entity.
    /// @param mayBeSuspended True if a suspension or annulment of the entity is no obstacle.
    /// @return keyNo The account's number.
    function requireStatusKeyNo(address account, bytes32 issuerId, bool mayBeSuspended)
        external
        view
        returns (uint32 keyNo);

    /// @notice The id that an identifier has now: the first whose registration is not annulled.
    /// @param scheme The scheme.
    /// @param identifier The identifier in that scheme.
    /// @return issuerId The id, whether or not it is registered.
    /// @return generation How many registrations of it were annulled before.
    function currentIssuerId(string calldata scheme, string calldata identifier)
        external
        view
        returns (bytes32 issuerId, uint256 generation);

    /// @notice The id of a legal entity: keccak256 of the ABI encoding of both strings and, from the second
    /// registration on, how many were annulled before.
    /// @param scheme The scheme.
    /// @param identifier The identifier in that scheme.
    /// @param generation How many registrations of it were annulled before; 0 for the first.
    /// @return issuerId The id, whether or not it is registered.
    function computeIssuerId(string calldata scheme, string calldata identifier, uint256 generation)
        external
        pure
        returns (bytes32 issuerId);
}

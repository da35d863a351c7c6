// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKeyErrors} from "./IKeyErrors.sol";

/// @title What was said, and when
/// @notice Each legal entity has one append-only log (RFC 9162, SHA-256) whose entries are hashes of its passports. The
/// chain holds the log's checkpoints and the statuses of its entries. Everything a verifier needs is in storage and can
/// be proven from a block header; the events are for indexing.
/// @dev All times are unix seconds in `uint40`, sizes and indices count entries, indices start at 0. Calls that write
/// also revert with the errors of {IKeyErrors} when the caller may not speak for the entity.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IPassportLog is IKeyErrors {
    /// @notice The latest checkpoint of a log.
    /// @param size Its number of entries.
    /// @param seq How many checkpoints there are; the latest has this number.
    /// @param time When it was committed (time of the block).
    /// @param blockNumber The block that committed it.
    /// @param frozenAt When the log was proven to contradict itself; 0 while it was not. For good.
    struct Head {
        uint48 size;
        uint32 seq;
        uint40 time;
        uint40 blockNumber;
        uint40 frozenAt;
    }

    /// @notice What proves that a log contradicts itself: two entries at one index under two of its roots.
    /// @param firstRoot One root.
    /// @param secondRoot The other.
    /// @param index The index.
    /// @param time When it was shown (time of the block).
    struct Fork {
        bytes32 firstRoot;
        bytes32 secondRoot;
        uint48 index;
        uint40 time;
    }

    /// @notice A checkpoint, stored under its root.
    /// @param size The log's number of entries.
    /// @param prevSize That of the checkpoint before; 0 for the first.
    /// @param seq Its number; the first is 1.
    /// @param time When it was committed (time of the block).
    /// @param blockNumber The block that committed it.
    /// @param keyNo The number of the account that committed it, in the registry.
    struct Checkpoint {
        uint48 size;
        uint48 prevSize;
        uint32 seq;
        uint40 time;
        uint40 blockNumber;
        uint32 keyNo;
    }

    /// @notice What took an entry's place.
    /// @param kind 1 = superseded, 2 = corrected; 0 = nothing did.
    /// @param next The later entry.
    /// @param time When that was said (time of the block).
    struct Successor {
        uint8 kind;
        uint48 next;
        uint40 time;
    }

    /// @notice All that is said of one entry. The three facts are independent of each other.
    /// @param revoked For good.
    /// @param suspended For the time being.
    /// @param kind 1 = superseded, 2 = corrected; 0 = neither, and then the two below are 0.
    /// @param next The entry that took its place.
    /// @param time When that was said (time of the block).
    struct Status {
        bool revoked;
        bool suspended;
        uint8 kind;
        uint48 next;
        uint40 time;
    }

    /// @notice The account number `keyNo` committed checkpoint number `seq` of `issuerId`; the previous size is that of
    /// number `seq` less one.
    event Committed(bytes32 indexed issuerId, bytes32 indexed root, uint32 keyNo, uint48 size, uint32 seq);

    /// @notice The account number `keyNo` set the status of an entry; `reasonHash` is the hash of a document saying why.
    event StatusSet(
        bytes32 indexed issuerId, uint48 indexed index, uint8 indexed kind, uint48 next, bytes32 reasonHash, uint32 keyNo
    );

    /// @notice The account number `keyNo` revoked the entries `256 * word + i` for every bit i of `mask`.
    event RangeRevoked(bytes32 indexed issuerId, uint256 indexed word, uint256 mask, uint32 keyNo);

    /// @notice The roots `firstRoot` and `secondRoot` of `issuerId` have different entries at `index`: its log is frozen.
    event ForkProven(
        bytes32 indexed issuerId,
        bytes32 firstRoot,
        bytes32 secondRoot,
        uint48 index,
        bytes32 firstEntry,
        bytes32 secondEntry
    );

    /// @notice The address given as registry has no code.
    error RegistryInvalid(address registry);

    /// @notice The log was proven to contradict itself at `frozenAt` (unix seconds) and takes no checkpoint any more.
    error LogIsFrozen(bytes32 issuerId, uint40 frozenAt);

    /// @notice The two proofs do not show different entries at `index` under two roots.
    error ForkNotProven(bytes32 issuerId, bytes32 firstRoot, bytes32 secondRoot, uint48 index);

    /// @notice No fork of `issuerId` was proven.
    error ForkUnknown(bytes32 issuerId);

    /// @notice The commit builds on `prevSize` entries and the log has `size`: another checkpoint came first.
    error CommitStale(bytes32 issuerId, uint48 prevSize, uint48 size);

    /// @notice The new `size` is not larger than `prevSize`.
    error CommitNotGrowing(bytes32 issuerId, uint48 prevSize, uint48 size);

    /// @notice The root is zero.
    error CommitRootInvalid(bytes32 root);

    /// @notice `root` is a checkpoint of `issuerId` already.
    error CommitRootExists(bytes32 issuerId, bytes32 root);

    /// @notice The relayed order was good up to `deadline` only, and now is `time` (unix seconds).
    error OrderExpired(uint40 deadline, uint40 time);

    /// @notice The signature is not `account`'s over this very order (short, malleable or another's).
    error OrderSignatureInvalid(bytes32 issuerId, address account);

    /// @notice The order has `nonce`, and the next of `account` in that lane is `expected`.
    error OrderNonceInvalid(address account, uint256 nonce, uint256 expected);

    /// @notice `kind` is not 1 to 5.
    error StatusKindUnknown(uint8 kind);

    /// @notice The log has `size` entries and none at `index`.
    error StatusIndexBeyondLog(bytes32 issuerId, uint256 index, uint48 size);

    /// @notice `next` must come after `index` and be in the log of `size` entries; 0 for kinds without a successor.
    error StatusNextInvalid(uint48 index, uint48 next, uint48 size);

    /// @notice The entry is revoked.
    error StatusIsRevoked(bytes32 issuerId, uint48 index);

    /// @notice The entry has its successor already.
    error StatusHasSuccessor(bytes32 issuerId, uint48 index, uint8 kind, uint48 next);

    /// @notice The entry is suspended already.
    error StatusIsSuspended(bytes32 issuerId, uint48 index);

    /// @notice The entry is not suspended.
    error StatusIsNotSuspended(bytes32 issuerId, uint48 index);

    /// @notice There must be as many masks as words, and at least one.
    error RevokeManyInvalid(uint256 words, uint256 masks);

    /// @notice `issuerId` has committed nothing.
    error LogEmpty(bytes32 issuerId);

    /// @notice `root` is no checkpoint of `issuerId`.
    error CheckpointUnknown(bytes32 issuerId, bytes32 root);

    /// @notice Commits the next checkpoint of the caller's legal entity.
    /// @dev Only an account with purpose ANCHOR that is good now, of an entity that is not suspended. Emits {Committed}.
    /// Reverts with {IGuardedPause-IsPaused}, the errors of {IKeyErrors}, {CommitStale}, {CommitNotGrowing},
    /// {CommitRootInvalid}, {CommitRootExists} or {LogIsFrozen}.
    /// @param issuerId The legal entity.
    /// @param prevSize Entries in the checkpoint before; 0 for the first.
    /// @param root RFC 9162 root of the whole log.
    /// @param size Entries in the whole log.
    function commit(bytes32 issuerId, uint48 prevSize, bytes32 root, uint48 size) external;

    /// @notice Commits a checkpoint signed by `account`; anyone may send it and pay.
    /// @dev `account` signs the EIP-712 message `Commit(bytes32 issuerId,uint48 prevSize,bytes32 root,uint48 size,uint40
    /// deadline,address account)` of this contract on this chain: 65 bytes r, s, v with low s, or whatever an ERC-1271
    /// wallet accepts (relayers should cap the gas of those). There is no nonce: `prevSize` never comes again. Emits
    /// {Committed}. Reverts like {commit}, and with {OrderExpired} or {OrderSignatureInvalid}.
    /// @param issuerId The legal entity.
    /// @param prevSize Entries in the checkpoint before; 0 for the first.
    /// @param root RFC 9162 root of the whole log.
    /// @param size Entries in the whole log.
    /// @param deadline The last second (unix) in which it may be included.
    /// @param account The account that signed, held to the same rules as the caller of {commit}.
    /// @param signature Its signature.
    function commitFor(
        bytes32 issuerId,
        uint48 prevSize,
        bytes32 root,
        uint48 size,
        uint40 deadline,
        address account,
        bytes calldata signature
    ) external;

    /// @notice Sets the status of one entry.
    /// @dev Only an account with purpose STATUS that is good now. A pause stops nothing here, and a suspended entity may
    /// do everything but reinstate. Revoked, superseded and corrected are for good; a superseded or corrected entry may
    /// still be revoked. Emits {StatusSet}. Reverts with the errors of {IKeyErrors}, {StatusKindUnknown},
    /// {StatusIndexBeyondLog}, {StatusNextInvalid}, {StatusIsRevoked}, {StatusHasSuccessor}, {StatusIsSuspended} or
    /// {StatusIsNotSuspended}.
    /// @param issuerId The legal entity.
    /// @param index The entry.
    /// @param kind 1 = superseded, 2 = corrected, 3 = revoked, 4 = suspended, 5 = reinstated.
    /// @param next The later entry that takes its place, for kinds 1 and 2; else 0.
    /// @param reasonHash Hash of a document saying why; 0 for none. Kept in the event only.
    function setStatus(bytes32 issuerId, uint48 index, uint8 kind, uint48 next, bytes32 reasonHash) external;

    /// @notice Revokes many entries: a recall.
    /// @dev Only an account with purpose STATUS that is good now; neither a pause nor a suspension of the entity stops
    /// it. What is revoked already stays so. Emits {RangeRevoked} for each word. Reverts with the errors of
    /// {IKeyErrors}, {RevokeManyInvalid} or {StatusIndexBeyondLog}.
    /// @param issuerId The legal entity.
    /// @param words Groups of 256 entries: entry i is in word i / 256.
    /// @param masks For each word the entries to revoke: bit i is entry 256 * word + i.
    function revokeMany(bytes32 issuerId, uint256[] calldata words, uint256[] calldata masks) external;

    /// @notice Sets the status that `account` signed; anyone may send it and pay.
    /// @dev `account` signs the EIP-712 message `SetStatus(bytes32 issuerId,uint48 index,uint8 kind,uint48 next,bytes32
    /// reasonHash,uint256 nonce,uint40 deadline,address account)` of this contract on this chain, as for {commitFor}.
    /// The nonce is `lane << 64 | count`, the lane free to choose: orders of one lane go in their order, those of
    /// several do not wait for each other. Only the account's own signature uses up its nonces. Emits {StatusSet}.
    /// Reverts like {setStatus}, and with {OrderExpired}, {OrderSignatureInvalid} or {OrderNonceInvalid}.
    /// @param issuerId The legal entity.
    /// @param index The entry.
    /// @param kind 1 = superseded, 2 = corrected, 3 = revoked, 4 = suspended, 5 = reinstated.
    /// @param next The later entry that takes its place, for kinds 1 and 2; else 0.
    /// @param reasonHash Hash of a document saying why; 0 for none. Kept in the event only.
    /// @param nonce The account's next one in some lane.
    /// @param deadline The last second (unix) in which it may be included.
    /// @param account The account that signed, held to the same rules as the caller of {setStatus}.
    /// @param signature Its signature.
    function setStatusFor(
        bytes32 issuerId,
        uint48 index,
        uint8 kind,
        uint48 next,
        bytes32 reasonHash,
        uint256 nonce,
        uint40 deadline,
        address account,
        bytes calldata signature
    ) external;

    /// @notice Freezes a log that contradicts itself: no checkpoint is added any more; statuses still can be set.
    /// @dev Anyone. Shows two different entries at one index under two roots that `issuerId` committed, which an
    /// append-only log cannot have. Emits {ForkProven}. Reverts with {LogIsFrozen}, {CheckpointUnknown} or
    /// {ForkNotProven}.
    /// @param issuerId The legal entity.
    /// @param index The index.
    /// @param firstRoot A root it committed.
    /// @param firstEntry The entry there.
    /// @param firstProof Its inclusion proof.
    /// @param secondRoot Another root it committed.
    /// @param secondEntry The other entry there.
    /// @param secondProof Its inclusion proof.
    function proveFork(
        bytes32 issuerId,
        uint48 index,
        bytes32 firstRoot,
        bytes32 firstEntry,
        bytes32[] calldata firstProof,
        bytes32 secondRoot,
        bytes32 secondEntry,
        bytes32[] calldata secondProof
    ) external;

    /// @notice The registry that says who may speak for whom, fixed at deployment.
    /// @return Its address.
    function registry() external view returns (address);

    /// @notice The next nonce of an account in a lane.
    /// @param account The account that signs orders.
    /// @param lane Free to choose; each counts for itself.
    /// @return nonce `lane << 64 | count`.
    function nonceOf(address account, uint192 lane) external view returns (uint256 nonce);

    /// @notice What proved that a log contradicts itself.
    /// @dev Reverts with {ForkUnknown}.
    /// @param issuerId The legal entity.
    /// @return What is stored.
    function forkOf(bytes32 issuerId) external view returns (Fork memory);

    /// @notice The latest checkpoint of a log.
    /// @dev Reverts with {LogEmpty}.
    /// @param issuerId The legal entity.
    /// @return What is stored.
    function headOf(bytes32 issuerId) external view returns (Head memory);

    /// @notice The checkpoint with `root`.
    /// @dev Reverts with {CheckpointUnknown}.
    /// @param issuerId The legal entity.
    /// @param root RFC 9162 root.
    /// @return What is stored.
    function checkpointOf(bytes32 issuerId, bytes32 root) external view returns (Checkpoint memory);

    /// @notice The status of one entry.
    /// @dev Reverts with {StatusIndexBeyondLog}.
    /// @param issuerId The legal entity.
    /// @param index The entry.
    /// @return All that is said of it.
    function statusOf(bytes32 issuerId, uint48 index) external view returns (Status memory);

    /// @notice Follows successors from one entry, at most {MAX_SUCCESSOR_HOPS} of them.
    /// @dev A successor is always a later entry, so this ends. Whether the entry found is revoked or suspended is for
    /// {statusOf}. Reverts with {StatusIndexBeyondLog}.
    /// @param issuerId The legal entity.
    /// @param index Where to start.
    /// @return current The last entry reached.
    /// @return complete True if nothing took that entry's place; false if there are more to follow: go on from
    /// `current`.
    function currentOf(bytes32 issuerId, uint48 index) external view returns (uint48 current, bool complete);

    /// @notice The most successors {currentOf} follows in one call.
    /// @return Their number.
    function MAX_SUCCESSOR_HOPS() external view returns (uint256);

    /// @notice Whether `docHash` is the entry at `index` of the log with the checkpoint `root` (RFC 9162, 2.1.3.2).
    /// @dev The entry is the raw hash; the leaf prefix is applied here. Reverts with {CheckpointUnknown}.
    /// @param issuerId The legal entity.
    /// @param root A root it committed.
    /// @param index The entry.
    /// @param docHash SHA-256 of the passport's canonical form without its proof.
    /// @param proof Inclusion proof, lowest sibling first.
    /// @return True if it is.
    function verifyInclusion(bytes32 issuerId, bytes32 root, uint48 index, bytes32 docHash, bytes32[] calldata proof)
        external
        view
        returns (bool);

    /// @notice Whether the log at `secondRoot` extends the log at `firstRoot` without changing it (RFC 9162, 2.1.4.2).
    /// @dev Reverts with {CheckpointUnknown}.
    /// @param issuerId The legal entity.
    /// @param firstRoot A root it committed.
    /// @param secondRoot The same or a later one.
    /// @param proof Consistency proof.
    /// @return True if it does.
    function verifyConsistency(bytes32 issuerId, bytes32 firstRoot, bytes32 secondRoot, bytes32[] calldata proof)
        external
        view
        returns (bool);
}

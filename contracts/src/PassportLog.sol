// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {GuardedPause} from "./GuardedPause.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {IPassportLog} from "./IPassportLog.sol";
import {RFC9162} from "./RFC9162.sol";

/// @title What was said, and when
/// @dev No proxy, no owner, no ether. Everything is kept by legal entity, so nobody can take another's root or entry
/// first. The only calls to other contracts are static (the registry, ERC-1271 wallets), so nothing can re-enter with
/// an effect. A pause stops new checkpoints, and nothing else.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract PassportLog is IPassportLog, EIP712, GuardedPause {
    /// @notice Type hash of the message an account signs for a relayed commit.
    bytes32 public constant COMMIT_FOR_TYPEHASH = keccak256(
        "Commit(bytes32 issuerId,uint48 prevSize,bytes32 root,uint48 size,uint40 deadline,address account)"
    );

    /// @notice Type hash of the message an account signs for a relayed status.
    bytes32 public constant SET_STATUS_FOR_TYPEHASH = keccak256(
        "SetStatus(bytes32 issuerId,uint48 index,uint8 kind,uint48 next,bytes32 reasonHash,uint256 nonce,uint40 deadline,address account)"
    );

    /// @inheritdoc IPassportLog
    uint256 public constant MAX_SUCCESSOR_HOPS = 64;

    uint8 private constant _SUPERSEDED = 1;
    uint8 private constant _CORRECTED = 2;
    uint8 private constant _REVOKED = 3;
    uint8 private constant _SUSPENDED = 4;
    uint8 private constant _REINSTATED = 5;

    IIssuerRegistry private immutable _registry;
    address private immutable _root;

    // The order of these and of the structs' members is read by verifiers through storage proofs: it never changes.
    mapping(bytes32 issuerId => Head) private _heads;
    mapping(bytes32 issuerId => mapping(bytes32 root => Checkpoint)) private _checkpoints;
    mapping(bytes32 issuerId => mapping(uint256 word => uint256 bits)) private _revoked;
    mapping(bytes32 issuerId => mapping(uint256 word => uint256 bits)) private _suspended;
    mapping(bytes32 issuerId => mapping(uint256 index => Successor)) private _successors;
    mapping(bytes32 issuerId => Fork) private _forks;
    mapping(address account => mapping(uint192 lane => uint64 count)) private _nonces;

    /// @notice Deploys the log over a registry; its root and its guardian may pause commits.
    /// @param registry_ The issuer registry, deployed before.
    constructor(IIssuerRegistry registry_) EIP712("carbon-passport PassportLog", "1") {
        if (address(registry_).code.length == 0) revert RegistryInvalid(address(registry_));
        _registry = registry_;
        _root = registry_.root();
    }

    // ---------------------------------------------------------------- checkpoints

    /// @inheritdoc IPassportLog
    function commit(bytes32 issuerId, uint48 prevSize, bytes32 root, uint48 size) external whenNotPaused {
        _commit(issuerId, prevSize, root, size, msg.sender);
    }

    /// @inheritdoc IPassportLog
    function commitFor(
        bytes32 issuerId,
        uint48 prevSize,
        bytes32 root,
        uint48 size,
        uint40 deadline,
        address account,
        bytes calldata signature
    ) external whenNotPaused {
        if (block.timestamp > deadline) revert OrderExpired(deadline, uint40(block.timestamp));
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(COMMIT_FOR_TYPEHASH, issuerId, prevSize, root, size, deadline, account))
        );
        if (!_signed(account, digest, signature)) revert OrderSignatureInvalid(issuerId, account);
        _commit(issuerId, prevSize, root, size, account);
    }

    // ---------------------------------------------------------------- statuses

    /// @inheritdoc IPassportLog
    function setStatus(bytes32 issuerId, uint48 index, uint8 kind, uint48 next, bytes32 reasonHash) external {
        _setStatus(issuerId, index, kind, next, reasonHash, msg.sender);
    }

    /// @inheritdoc IPassportLog
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
    ) external {
        if (block.timestamp > deadline) revert OrderExpired(deadline, uint40(block.timestamp));
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    SET_STATUS_FOR_TYPEHASH, issuerId, index, kind, next, reasonHash, nonce, deadline, account
                )
            )
        );
        if (!_signed(account, digest, signature)) revert OrderSignatureInvalid(issuerId, account);
        // Only what the account signed uses up a nonce, so nobody else can spoil an order.
        uint256 expected = _nonceOf(account, uint192(nonce >> 64));
        if (nonce != expected) revert OrderNonceInvalid(account, nonce, expected);
        ++_nonces[account][uint192(nonce >> 64)];
        _setStatus(issuerId, index, kind, next, reasonHash, account);
    }

    /// @inheritdoc IPassportLog
    function revokeMany(bytes32 issuerId, uint256[] calldata words, uint256[] calldata masks) external {
        uint32 keyNo = _registry.requireStatusKeyNo(msg.sender, issuerId, true);
        uint256 count = words.length;
        if (count == 0 || count != masks.length) revert RevokeManyInvalid(count, masks.length);
        uint48 size = _heads[issuerId].size;
        mapping(uint256 word => uint256 bits) storage revoked = _revoked[issuerId];
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = words[i];
            uint256 mask = masks[i];
            _requireMaskInLog(issuerId, word, mask, size);
            revoked[word] |= mask;
            emit RangeRevoked(issuerId, word, mask, keyNo);
        }
    }

    // ---------------------------------------------------------------- forks

    /// @inheritdoc IPassportLog
    function proveFork(
        bytes32 issuerId,
        uint48 index,
        bytes32 firstRoot,
        bytes32 firstEntry,
        bytes32[] calldata firstProof,
        bytes32 secondRoot,
        bytes32 secondEntry,
        bytes32[] calldata secondProof
    ) external {
        Head storage head = _heads[issuerId];
        if (head.frozenAt != 0) revert LogIsFrozen(issuerId, head.frozenAt);
        uint48 firstSize = _requireCheckpoint(issuerId, firstRoot).size;
        uint48 secondSize = _requireCheckpoint(issuerId, secondRoot).size;
        // One tree has one entry at an index: with equal roots, or equal entries, nothing is contradicted.
        bool contradicts = firstRoot != secondRoot && firstEntry != secondEntry;
        if (
            !contradicts || !RFC9162.verifyInclusion(firstRoot, firstSize, index, firstEntry, firstProof)
                || !RFC9162.verifyInclusion(secondRoot, secondSize, index, secondEntry, secondProof)
        ) revert ForkNotProven(issuerId, firstRoot, secondRoot, index);
        uint40 time = uint40(block.timestamp);
        head.frozenAt = time;
        _forks[issuerId] = Fork({firstRoot: firstRoot, secondRoot: secondRoot, index: index, time: time});
        emit ForkProven(issuerId, firstRoot, secondRoot, index, firstEntry, secondEntry);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IPassportLog
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IPassportLog
    function nonceOf(address account, uint192 lane) external view returns (uint256 nonce) {
        return _nonceOf(account, lane);
    }

    /// @inheritdoc IPassportLog
    function forkOf(bytes32 issuerId) external view returns (Fork memory fork) {
        fork = _forks[issuerId];
        if (fork.time == 0) revert ForkUnknown(issuerId);
    }

    /// @inheritdoc IPassportLog
    function headOf(bytes32 issuerId) external view returns (Head memory head) {
        head = _heads[issuerId];
        if (head.seq == 0) revert LogEmpty(issuerId);
    }

    /// @inheritdoc IPassportLog
    function checkpointOf(bytes32 issuerId, bytes32 root) external view returns (Checkpoint memory) {
        return _requireCheckpoint(issuerId, root);
    }

    /// @inheritdoc IPassportLog
    function statusOf(bytes32 issuerId, uint48 index) external view returns (Status memory) {
        _requireInLog(issuerId, index);
        uint256 bit = 1 << (index & 255);
        Successor memory successor = _successors[issuerId][index];
        return Status({
            revoked: _revoked[issuerId][index >> 8] & bit != 0,
            suspended: _suspended[issuerId][index >> 8] & bit != 0,
            kind: successor.kind,
            next: successor.next,
            time: successor.time
        });
    }

    /// @inheritdoc IPassportLog
    function currentOf(bytes32 issuerId, uint48 index) external view returns (uint48 current, bool complete) {
        _requireInLog(issuerId, index);
        current = index;
        for (uint256 hops = 0; hops <= MAX_SUCCESSOR_HOPS; ++hops) {
            Successor memory successor = _successors[issuerId][current];
            if (successor.kind == 0) return (current, true);
            if (hops < MAX_SUCCESSOR_HOPS) current = successor.next;
        }
    }

    /// @inheritdoc IPassportLog
    function verifyInclusion(bytes32 issuerId, bytes32 root, uint48 index, bytes32 docHash, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        uint48 size = _requireCheckpoint(issuerId, root).size;
        return RFC9162.verifyInclusion(root, size, index, docHash, proof);
    }

    /// @inheritdoc IPassportLog
    function verifyConsistency(bytes32 issuerId, bytes32 firstRoot, bytes32 secondRoot, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        uint48 first = _requireCheckpoint(issuerId, firstRoot).size;
        uint48 second = _requireCheckpoint(issuerId, secondRoot).size;
        return RFC9162.verifyConsistency(firstRoot, first, secondRoot, second, proof);
    }

    // ---------------------------------------------------------------- inside

    function _commit(bytes32 issuerId, uint48 prevSize, bytes32 root, uint48 size, address account) private {
        uint32 keyNo = _registry.requireAnchorKeyNo(account, issuerId);
        Head storage head = _heads[issuerId];
        uint40 frozenAt = head.frozenAt;
        if (frozenAt != 0) revert LogIsFrozen(issuerId, frozenAt);
        uint48 headSize = head.size;
        if (prevSize != headSize) revert CommitStale(issuerId, prevSize, headSize);
        if (size <= prevSize) revert CommitNotGrowing(issuerId, prevSize, size);
        if (root == bytes32(0)) revert CommitRootInvalid(root);
        Checkpoint storage checkpoint = _checkpoints[issuerId][root];
        if (checkpoint.seq != 0) revert CommitRootExists(issuerId, root);

        uint32 seq;
        unchecked {
            seq = head.seq + 1; // 2^32 commits of 40,000 gas fill more blocks than a chain will ever have
        }
        // One write a slot; member by member the compiler would read and write each slot again. The shifts are those of
        // the structs Head and Checkpoint; `frozenAt` is 0 here.
        uint256 when = uint256(uint40(block.timestamp)) | (uint256(uint40(block.number)) << 40);
        uint256 headWord = uint256(size) | (uint256(seq) << 48) | (when << 80);
        uint256 checkpointWord = uint256(size) | (uint256(prevSize) << 48) | (uint256(seq) << 96) | (when << 128)
            | (uint256(keyNo) << 208);
        assembly ("memory-safe") {
            sstore(head.slot, headWord)
            sstore(checkpoint.slot, checkpointWord)
        }
        emit Committed(issuerId, root, keyNo, size, seq);
    }

    function _setStatus(
        bytes32 issuerId,
        uint48 index,
        uint8 kind,
        uint48 next,
        bytes32 reasonHash,
        address account
    ) private {
        if (kind < _SUPERSEDED || kind > _REINSTATED) revert StatusKindUnknown(kind);
        // All but a reinstatement warns the readers of a passport, so a suspended entity may still say it.
        uint32 keyNo = _registry.requireStatusKeyNo(account, issuerId, kind != _REINSTATED);
        uint48 size = _requireInLog(issuerId, index);
        bool hasNext = kind == _SUPERSEDED || kind == _CORRECTED;
        if (hasNext ? (next <= index || next >= size) : next != 0) revert StatusNextInvalid(index, next, size);

        uint256 word = index >> 8;
        uint256 bit = 1 << (index & 255);
        uint256 revoked = _revoked[issuerId][word];
        if (revoked & bit != 0) revert StatusIsRevoked(issuerId, index);
        if (kind == _REVOKED) {
            _revoked[issuerId][word] = revoked | bit;
        } else {
            Successor memory successor = _successors[issuerId][index];
            if (successor.kind != 0) revert StatusHasSuccessor(issuerId, index, successor.kind, successor.next);
            if (hasNext) {
                _successors[issuerId][index] = Successor({kind: kind, next: next, time: uint40(block.timestamp)});
            } else {
                uint256 suspended = _suspended[issuerId][word];
                bool isSuspended = suspended & bit != 0;
                if (kind == _SUSPENDED && isSuspended) revert StatusIsSuspended(issuerId, index);
                if (kind == _REINSTATED && !isSuspended) revert StatusIsNotSuspended(issuerId, index);
                _suspended[issuerId][word] = suspended ^ bit;
            }
        }
        emit StatusSet(issuerId, index, kind, next, reasonHash, keyNo);
    }

    function _nonceOf(address account, uint192 lane) private view returns (uint256) {
        return (uint256(lane) << 64) | _nonces[account][lane];
    }

    function _requireCheckpoint(bytes32 issuerId, bytes32 root) private view returns (Checkpoint memory checkpoint) {
        checkpoint = _checkpoints[issuerId][root];
        if (checkpoint.seq == 0) revert CheckpointUnknown(issuerId, root);
    }

    function _requireInLog(bytes32 issuerId, uint48 index) private view returns (uint48 size) {
        size = _heads[issuerId].size;
        if (index >= size) revert StatusIndexBeyondLog(issuerId, index, size);
    }

    /// @dev No bit of `mask` stands for an entry that is not there yet: it would be born revoked.
    function _requireMaskInLog(bytes32 issuerId, uint256 word, uint256 mask, uint48 size) private pure {
        uint256 fullWords = size >> 8;
        if (word < fullWords) return;
        uint256 entries = word == fullWords ? size & 255 : 0;
        if (mask >> entries != 0 || word > fullWords) {
            // Saturated, since a word from outside may be beyond anything an index can be.
            uint256 index = word > type(uint48).max ? type(uint256).max : (word << 8) + _highestBit(mask);
            revert StatusIndexBeyondLog(issuerId, index, size);
        }
    }

    function _highestBit(uint256 mask) private pure returns (uint256 position) {
        while (mask > 1) {
            mask >>= 1;
            ++position;
        }
    }

    /// @inheritdoc GuardedPause
    function _rootAndGuardian() internal view override returns (address, address) {
        return (_root, _registry.guardian());
    }

    /// @dev The account's own ECDSA signature first, so that an EIP-7702 account, which has code, may still sign with
    /// its key; then its ERC-1271 word. ECDSA accepts 65 bytes and low s only.
    function _signed(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == account) return true;
        return account.code.length != 0 && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}

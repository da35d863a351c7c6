// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuerRegistry} from "../src/IIssuerRegistry.sol";
import {IPassportLog} from "../src/IPassportLog.sol";
import {Tree} from "./Tree.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title Whatever anybody does to a log, in any order
/// @dev Remembers what was ever said, for the invariants to compare. A call that the contracts refuse is no failure; one
/// that they take although they must not is noted in `violation`.
contract LogHandler is World {
    uint256 private constant MAX_SIZE = 120;
    uint256 private constant SHORT_KEY = 0x54087;

    bytes32[] private _entries; // the log as its issuer tells it; rewriting it makes a fork
    bytes32[] public roots;
    mapping(bytes32 root => bytes32[]) private _entriesOf;
    uint48 public size;
    uint32 public seq;
    uint40 public frozenAt;
    uint32 public seqAtFreeze;
    mapping(uint48 index => bool) public wasRevoked;
    mapping(uint48 index => bool) public isSuspended;
    mapping(uint48 index => uint8) public kindOf;
    mapping(uint48 index => uint48) public nextOf;
    string public violation;
    uint256 public commits;
    uint256 public forks;
    uint256 public statuses;

    uint256[3] private _keys = [ANCHOR_KEY, SHORT_KEY, STATUS_KEY];

    constructor() {
        _deploy();
        _bind(issuerId, CONTROLLER, SHORT_KEY, ANCHOR | STATUS, START + 1 days, START + 3 days);
    }

    function target() external view returns (IPassportLog, bytes32) {
        return (log, issuerId);
    }

    // ------------------------------------------------------------ checkpoints

    function commit(uint256 keySeed, uint256 growth, bytes32 noise, bool relayed) external {
        growth = _bound(growth, 1, 3);
        if (size + growth > MAX_SIZE) return;
        for (uint256 i = 0; i < growth; ++i) _entries.push(keccak256(abi.encode(noise, i)));
        bytes32 root = Tree.root(_entries, 0, _entries.length);
        if (!_commit(_keys[keySeed % 3], root, uint48(_entries.length), relayed)) {
            for (uint256 i = 0; i < growth; ++i) _entries.pop();
        }
    }

    /// @dev The issuer replaces an entry that is anchored already and goes on as if nothing were.
    function rewrite(uint256 keySeed, uint256 place, bytes32 noise) external {
        if (size == 0 || size >= MAX_SIZE || noise == 0) return;
        place = place % size;
        bytes32 before = _entries[place];
        _entries[place] ^= noise;
        _entries.push(noise);
        if (!_commit(_keys[keySeed % 3], Tree.root(_entries, 0, _entries.length), uint48(_entries.length), false)) {
            _entries.pop();
            _entries[place] = before;
        }
    }

    function _commit(uint256 privateKey, bytes32 root, uint48 newSize, bool relayed) private returns (bool taken) {
        address account = vm.addr(privateKey);
        if (relayed) {
            uint40 deadline = uint40(block.timestamp);
            bytes32 structHash = keccak256(
                abi.encode(log.COMMIT_FOR_TYPEHASH(), issuerId, size, root, newSize, deadline, account)
            );
            bytes memory signature = _sign(privateKey, _digest(address(log), "PassportLog", structHash));
            try log.commitFor(issuerId, size, root, newSize, deadline, account, signature) {
                taken = true;
            } catch {}
        } else {
            vm.prank(account);
            try log.commit(issuerId, size, root, newSize) {
                taken = true;
            } catch {}
        }
        if (!taken) return false;
        if (frozenAt != 0) violation = "a frozen log took a checkpoint";
        if (log.isPaused()) violation = "a paused log took a checkpoint";
        _requireMayAct(account, ANCHOR, true);
        roots.push(root);
        _entriesOf[root] = _entries;
        size = newSize;
        ++seq;
        ++commits;
    }

    // ------------------------------------------------------------ statuses

    function setStatus(uint256 keySeed, uint256 index, uint8 kind, uint256 next) external {
        kind = uint8(_bound(kind, 1, 5));
        uint48 place = uint48(_bound(index, 0, size + 1));
        uint48 successor = kind < 3 ? uint48(_bound(next, 0, size + 1)) : 0;
        address account = vm.addr(_keys[keySeed % 3]);
        vm.prank(account);
        try log.setStatus(issuerId, place, kind, successor, 0) {
            _noteStatus(place, kind, successor);
            _requireMayAct(account, STATUS, kind == 5);
        } catch {}
    }

    function setStatusFor(uint256 index, uint8 kind, uint192 lane) external {
        kind = uint8(_bound(kind, 3, 5));
        uint48 place = uint48(_bound(index, 0, size + 1));
        address account = vm.addr(STATUS_KEY);
        uint256 nonce = log.nonceOf(account, lane % 3);
        uint40 deadline = uint40(block.timestamp);
        bytes32 structHash = keccak256(
            abi.encode(
                log.SET_STATUS_FOR_TYPEHASH(), issuerId, place, kind, uint48(0), bytes32(0), nonce, deadline, account
            )
        );
        bytes memory signature = _sign(STATUS_KEY, _digest(address(log), "PassportLog", structHash));
        try log.setStatusFor(issuerId, place, kind, 0, 0, nonce, deadline, account, signature) {
            _noteStatus(place, kind, 0);
            _requireMayAct(account, STATUS, kind == 5);
        } catch {
            return;
        }
        try log.setStatusFor(issuerId, place, kind, 0, 0, nonce, deadline, account, signature) {
            violation = "an order counted twice";
        } catch {}
    }

    function revokeMany(uint256 keySeed, uint256 mask) external {
        uint256[] memory words = new uint256[](1);
        uint256[] memory masks = new uint256[](1);
        masks[0] = mask & ((1 << size) - 1);
        address account = vm.addr(_keys[keySeed % 3]);
        vm.prank(account);
        try log.revokeMany(issuerId, words, masks) {
            for (uint48 i = 0; i < size; ++i) if (masks[0] >> i & 1 == 1) wasRevoked[i] = true;
            _requireMayAct(account, STATUS, false);
            ++statuses;
        } catch {}
    }

    function _noteStatus(uint48 place, uint8 kind, uint48 successor) private {
        ++statuses;
        if (place >= size) violation = "an entry beyond the log has a status";
        if (wasRevoked[place]) violation = "a revoked entry took another status";
        if (kind == 3) {
            wasRevoked[place] = true;
        } else {
            if (kindOf[place] != 0) violation = "an entry with a successor took another status";
            if (kind < 3) {
                if (successor <= place || successor >= size) violation = "a successor that is not later, or not there";
                (kindOf[place], nextOf[place]) = (kind, successor);
            } else {
                isSuspended[place] = kind == 4;
            }
        }
    }

    // ------------------------------------------------------------ forks

    function proveFork(uint256 firstSeed, uint256 secondSeed, uint256 place) external {
        if (roots.length == 0) return;
        bytes32 first = roots[firstSeed % roots.length];
        bytes32 second = roots[secondSeed % roots.length];
        bytes32[] memory a = _entriesOf[first];
        bytes32[] memory b = _entriesOf[second];
        place = place % a.length;
        if (place >= b.length) return;
        bool differs = a[place] != b[place];
        try log.proveFork(
            issuerId,
            uint48(place),
            first,
            a[place],
            Tree.path(a, 0, place, a.length),
            second,
            b[place],
            Tree.path(b, 0, place, b.length)
        ) {
            if (!differs) violation = "a log was frozen without a fork";
            if (frozenAt != 0) violation = "a log was frozen twice";
            frozenAt = uint40(block.timestamp);
            seqAtFreeze = seq;
            ++forks;
        } catch {
            if (differs && frozenAt == 0) violation = "a fork could not be shown";
        }
    }

    /// @dev What chance would seldom hit in this order: a fork, shown at once, and the issuer going on.
    function forkAndGoOn(uint256 place, bytes32 noise, uint256 rarely) external {
        if (rarely % 4 != 0) return;
        this.rewrite(0, place, noise);
        if (roots.length > 1) this.proveFork(roots.length - 2, roots.length - 1, place);
        this.commit(0, 0, noise, false);
    }

    // ------------------------------------------------------------ everything around it

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + _bound(seconds_, 1, 12 hours));
    }

    function suspend(bool ends) external {
        vm.prank(ROOT);
        if (ends) try registry.reinstate(issuerId) {} catch {}
        else try registry.suspend(issuerId) {} catch {}
    }

    function pause(bool ends) external {
        vm.prank(ROOT);
        if (ends) try log.unpause() {} catch {}
        else try log.pause() {} catch {}
    }

    function retire(uint256 keySeed, uint256 rarely) external {
        if (rarely % 16 != 0) return;
        vm.prank(CONTROLLER);
        try registry.retireAccountKey(vm.addr(_keys[keySeed % 3])) {} catch {}
    }

    function reportCompromise(uint256 keySeed, uint256 back, uint256 rarely) external {
        if (rarely % 16 != 0) return;
        vm.prank(CONTROLLER);
        try registry.reportAccountKeyCompromise(
            vm.addr(_keys[keySeed % 3]), uint40(block.timestamp - _bound(back, 0, 2 days))
        ) {} catch {}
    }

    function annul(uint256 rarely) external {
        if (rarely % 64 != 0) return;
        vm.prank(ROOT);
        try registry.annulIssuer(issuerId, uint40(block.timestamp)) {} catch {}
    }

    /// @dev What the registry stores says whether this account could act at this second; the contracts' own judgement
    /// is not asked.
    function _requireMayAct(address account, uint8 purpose, bool needsGoodStanding) private {
        IIssuerRegistry.AccountKey memory key = registry.accountKeyOf(account);
        uint256 time = block.timestamp;
        bool inWindow = key.from <= time && (key.until == 0 || time < key.until);
        if (!inWindow || (key.badFrom != 0 && time >= key.badFrom)) violation = "a key acted outside its window";
        if (key.purposes & purpose == 0) violation = "a key acted beyond its purposes";
        IIssuerRegistry.Issuer memory issuer = registry.issuerOf(issuerId);
        if (needsGoodStanding && (issuer.suspendedAt != 0 || issuer.voidFrom != 0)) {
            violation = "an entity acted while suspended or annulled";
        }
    }
}

contract LogInvariantsTest {
    LogHandler private _handler;
    IPassportLog private _log;
    bytes32 private _issuerId;

    function setUp() external {
        _handler = new LogHandler();
        (_log, _issuerId) = _handler.target();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev A handler whose every call is refused would prove nothing: here is what it does in some hundred steps.
    function test_theHandlerGetsSomewhere() external {
        for (uint256 i = 0; i < 250; ++i) {
            uint256 a = uint256(keccak256(abi.encode(i, "a")));
            uint256 b = uint256(keccak256(abi.encode(i, "b")));
            bytes32 c = keccak256(abi.encode(i, "c"));
            uint256 what = i % 5;
            if (what == 0 && i % 3 == 0) _handler.commit(a, b, c, i % 2 == 0);
            else if (what == 1) _handler.setStatus(a, b, uint8(uint256(c)), b >> 8);
            else if (what == 2) _handler.setStatusFor(a, uint8(b), uint192(a));
            else if (i == 204) _handler.forkAndGoOn(a, c, 0);
        }
        require(_handler.frozenAt() != 0 && _handler.seq() == _handler.seqAtFreeze(), "frozen, and tried to go on");
        require(_handler.commits() > 3, "logs grow");
        require(_handler.statuses() > 3, "statuses are set");
        require(bytes(_handler.violation()).length == 0, _handler.violation());
    }

    function invariant_nobodyDidWhatTheyMayNot() external view {
        require(bytes(_handler.violation()).length == 0, _handler.violation());
    }

    function invariant_logsOnlyGrow() external view {
        uint48 size = _handler.size();
        if (size == 0) return;
        IPassportLog.Head memory head = _log.headOf(_issuerId);
        require(head.size == size && head.seq == _handler.seq(), "the head is the last checkpoint");
        uint48 before = 0;
        for (uint32 i = 0; i < head.seq; ++i) {
            IPassportLog.Checkpoint memory each = _log.checkpointOf(_issuerId, _handler.roots(i));
            require(each.seq == i + 1 && each.prevSize == before && each.size > before, "one after the other, no gap");
            before = each.size;
        }
        require(before == head.size, "nothing hidden between the checkpoints and the head");
    }

    function invariant_frozenStaysFrozen() external view {
        uint40 frozenAt = _handler.frozenAt();
        if (_handler.size() == 0) return;
        IPassportLog.Head memory head = _log.headOf(_issuerId);
        require(head.frozenAt == frozenAt, "frozen since when it was shown, or not at all");
        require(frozenAt == 0 || head.seq == _handler.seqAtFreeze(), "not one checkpoint later");
    }

    function invariant_statusesAreWhatWasSaid() external view {
        for (uint48 i = 0; i < _handler.size(); ++i) {
            IPassportLog.Status memory status = _log.statusOf(_issuerId, i);
            require(status.revoked == _handler.wasRevoked(i), "revoked stays revoked");
            require(status.suspended == _handler.isSuspended(i), "suspended is another fact than revoked");
            require(status.kind == _handler.kindOf(i) && status.next == _handler.nextOf(i), "a successor is for good");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title Nothing gets dearer because somebody has much of it
contract LimitsTest is World {
    function setUp() external {
        _deploy();
    }

    /// @dev 10,000 keys, half of each kind, and 2,000 suspensions: what the entity and its verifiers pay stays what it was.
    function test_tenThousandKeys() external {
        address anchor = vm.addr(ANCHOR_KEY);
        _commit(anchor, 0, 1);
        uint256 commitBefore = _commit(anchor, 1, 2);
        uint256 judgeBefore = _gasOfAuthorisedAt(anchor);
        for (uint256 i = 0; i < 5_000; ++i) {
            _bind(issuerId, CONTROLLER, 1_000_000 + i, ANCHOR, 0, 0);
            vm.prank(CONTROLLER);
            registry.bindCredentialKey(issuerId, keccak256(abi.encode(i)), 1, 0, 0);
        }
        for (uint256 i = 0; i < 2_000; ++i) {
            vm.warp(block.timestamp + 1);
            vm.prank(ROOT);
            registry.suspend(issuerId);
            vm.warp(block.timestamp + 1);
            vm.prank(ROOT);
            registry.reinstate(issuerId);
        }
        vm.warp(block.timestamp + 1);
        uint256 commitAfter = _commit(anchor, 2, 3);
        require(commitAfter <= commitBefore + 500, "a commit costs the same");
        // Found by halving: eleven steps for two thousand suspensions.
        require(_gasOfAuthorisedAt(anchor) <= judgeBefore + 40_000, "a judgement costs little more");
        require(registry.accountKeyOf(vm.addr(1_004_999)).keyNo == 5_002, "all of them are there");
        require(registry.authorisedAt(vm.addr(1_004_999), uint40(block.timestamp)), "and the last is good");
    }

    /// @dev Eight accreditations deep, the most there may be.
    function test_theLongestChain() external {
        address by = ROOT;
        for (uint256 depth = 1; depth <= 8; ++depth) {
            address next = address(uint160(0xD000 + depth));
            vm.prank(by);
            bytes32 id = registry.registerIssuer("LEI", _name(depth), next, bytes32(uint256(1)), "");
            vm.prank(by);
            registry.accreditRegistrar(next, id);
            by = next;
        }
        vm.prank(by);
        bytes32 last = registry.registerIssuer("LEI", "LAST", CONTROLLER, bytes32(uint256(1)), "");
        _bind(last, CONTROLLER, 0xDEE9, ANCHOR, 0, 0);
        uint256 before = gasleft();
        require(registry.authorisedAt(vm.addr(0xDEE9), uint40(block.timestamp)), "good up to the root");
        require(before - gasleft() < 120_000, "and cheap enough to ask");
        require(registry.answerForAccount(vm.addr(0xDEE9)).vouchers.length == 9, "all nine in one answer");
    }

    /// @dev The edges of time: the last second of 40 bits, and windows that touch it. Every number stands for a case, so
    /// that none is thrown away; half of them are the seconds around a window's two ends.
    function testFuzz_windows(uint40 fromSeed, uint40 untilSeed, uint40 timeSeed) external {
        uint40 last = type(uint40).max;
        uint40 from = uint40(START + 1 + fromSeed % (last - START - 1));
        uint40 until = untilSeed % 4 == 0 ? 0 : from + 1 + untilSeed % (last - from);
        uint40 time = uint40(START + timeSeed % (last - START + 1));
        if (timeSeed % 8 == 0) time = from - 1;
        if (timeSeed % 8 == 1) time = from;
        if (timeSeed % 8 == 2 && until != 0) time = until - 1;
        if (timeSeed % 8 == 3 && until != 0) time = until;
        _bind(issuerId, CONTROLLER, 0xED9E, ANCHOR, from, until);
        vm.warp(last);
        bool expected = from <= time && (until == 0 || time < until);
        require(registry.authorisedAt(vm.addr(0xED9E), time) == expected, "half open, at every second");
    }

    function _name(uint256 depth) private pure returns (string memory) {
        bytes memory name = "DEPTH0";
        name[5] = bytes1(uint8(48 + depth));
        return string(name);
    }

    function _commit(address by, uint48 prevSize, uint48 size) private returns (uint256 gasUsed) {
        vm.prank(by);
        uint256 before = gasleft();
        log.commit(issuerId, prevSize, keccak256(abi.encode(size)), size);
        gasUsed = before - gasleft();
    }

    function _gasOfAuthorisedAt(address account) private view returns (uint256 gasUsed) {
        uint256 before = gasleft();
        registry.authorisedAt(account, uint40(block.timestamp));
        gasUsed = before - gasleft();
    }
}

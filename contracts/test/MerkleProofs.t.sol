// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RFC9162} from "../src/RFC9162.sol";
import {Tree} from "./Tree.sol";
import {vm} from "./Vm.sol";

/// @title The contracts' Merkle proofs against the definition, over random trees, and random ways to forge one
contract MerkleProofsTest {
    uint256 private constant MAX_SIZE = 70;

    function inclusion(bytes32 root, uint256 size, uint256 index, bytes32 entry, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return RFC9162.verifyInclusion(root, size, index, entry, proof);
    }

    function consistency(bytes32 first, uint256 m, bytes32 second, uint256 n, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return RFC9162.verifyConsistency(first, m, second, n, proof);
    }

    function testFuzz_inclusion(bytes32 seed, uint256 size, uint256 index) external view {
        size = 1 + size % MAX_SIZE;
        index = index % size;
        bytes32[] memory entries = _entries(seed, size);
        bytes32 root = Tree.root(entries, 0, size);
        require(this.inclusion(root, size, index, entries[index], Tree.path(entries, 0, index, size)), "an honest proof");
    }

    function testFuzz_forgedInclusion(bytes32 seed, uint256 size, uint256 index, uint256 how, bytes32 noise)
        external
        view
    {
        size = 1 + size % MAX_SIZE;
        index = index % size;
        bytes32[] memory entries = _entries(seed, size);
        bytes32 root = Tree.root(entries, 0, size);
        bytes32 entry = entries[index];
        bytes32[] memory proof = Tree.path(entries, 0, index, size);
        vm.assume(noise != 0);
        how = how % 6;
        if (how == 0) {
            entry ^= noise;
        } else if (how == 1) {
            proof = Tree.append(proof, noise);
        } else if (how == 2) {
            vm.assume(proof.length != 0);
            proof = Tree.without(proof, uint256(noise) % proof.length);
        } else if (how == 3) {
            vm.assume(proof.length != 0);
            proof[uint256(noise) % proof.length] ^= noise;
        } else if (how == 4) {
            index = size + uint256(noise) % 1_000; // outside
        } else {
            // An inner node offered as an entry, with the rest of its path.
            vm.assume(proof.length != 0);
            entry = index & 1 == 0 ? Tree.node(Tree.leaf(entry), proof[0]) : Tree.node(proof[0], Tree.leaf(entry));
            index >>= 1;
            proof = Tree.without(proof, 0);
        }
        require(!this.inclusion(root, size, index, entry, proof), "a forged proof");
    }

    function testFuzz_consistency(bytes32 seed, uint256 first, uint256 second) external view {
        second = 1 + second % MAX_SIZE;
        first = 1 + first % second;
        bytes32[] memory entries = _entries(seed, second);
        bytes32[] memory proof = Tree.subproof(entries, 0, first, second, true);
        bytes32 firstRoot = Tree.root(entries, 0, first);
        bytes32 secondRoot = Tree.root(entries, 0, second);
        require(this.consistency(firstRoot, first, secondRoot, second, proof), "an honest proof");
    }

    function testFuzz_forgedConsistency(bytes32 seed, uint256 first, uint256 second, uint256 how, bytes32 noise)
        external
        view
    {
        second = 2 + second % (MAX_SIZE - 1);
        first = 1 + first % (second - 1);
        bytes32[] memory entries = _entries(seed, second);
        bytes32[] memory proof = Tree.subproof(entries, 0, first, second, true);
        bytes32 firstRoot = Tree.root(entries, 0, first);
        bytes32 secondRoot = Tree.root(entries, 0, second);
        vm.assume(noise != 0);
        how = how % 4;
        if (how == 0) {
            // A rewritten past: the proof that would be right for it.
            entries[uint256(noise) % first] ^= noise;
            proof = Tree.subproof(entries, 0, first, second, true);
            secondRoot = Tree.root(entries, 0, second);
        } else if (how == 1) {
            proof = Tree.append(proof, noise);
        } else if (how == 2) {
            proof = Tree.without(proof, uint256(noise) % proof.length);
        } else {
            proof[uint256(noise) % proof.length] ^= noise;
        }
        require(!this.consistency(firstRoot, first, secondRoot, second, proof), "a forged proof");
    }

    function testFuzz_noise(bytes32 root, uint256 size, uint256 index, bytes32 entry, bytes32[] calldata proof)
        external
        view
    {
        require(!this.inclusion(root, size, index, entry, proof), "random bytes are no proof");
        require(!this.inclusion(root, 0, index, entry, proof), "an empty tree has no entry");
    }

    function _entries(bytes32 seed, uint256 size) private pure returns (bytes32[] memory entries) {
        entries = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) entries[i] = keccak256(abi.encode(seed, i));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle proofs of an append-only log
/// @notice Trees and proofs of RFC 9162 (Certificate Transparency 2.0), section 2.1, with SHA-256.
/// @dev An entry is 32 bytes. A leaf is SHA-256(0x00 || entry) over 33 bytes and a node SHA-256(0x01 || left || right)
/// over 65, so no node passes for a leaf nor an entry for a node (second preimages over the tree's levels). Odd nodes
/// are promoted, never doubled; position and size are part of what is proven; a proof with anything left over fails.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
library RFC9162 {
    /// @dev SHA-256(0x00 || entry).
    function leafHash(bytes32 entry) internal view returns (bytes32 digest) {
        // Memory-safe: writes beyond the free pointer without moving it, and to the scratch space. The precompile can
        // only fail for want of gas; then the call reverts.
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore8(p, 0x00)
            mstore(add(p, 1), entry)
            if iszero(staticcall(gas(), 2, p, 33, 0x00, 32)) { revert(0, 0) }
            digest := mload(0x00)
        }
    }

    /// @dev SHA-256(0x01 || left || right).
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 digest) {
        // Memory-safe for the same reason as in leafHash.
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore8(p, 0x01)
            mstore(add(p, 1), left)
            mstore(add(p, 33), right)
            if iszero(staticcall(gas(), 2, p, 65, 0x00, 32)) { revert(0, 0) }
            digest := mload(0x00)
        }
    }

    /// @dev Section 2.1.3.2: whether `entry` stands at `index` in the log of `size` entries with `root`.
    function verifyInclusion(bytes32 root, uint256 size, uint256 index, bytes32 entry, bytes32[] calldata proof)
        internal
        view
        returns (bool)
    {
        if (index >= size) return false;
        uint256 fn = index;
        uint256 sn = size - 1;
        bytes32 r = leafHash(entry);
        // Memory-safe: writes beyond the free pointer without moving it, and to the scratch space. By hand, since this is
        // what every inclusion proof on the chain costs: no bounds check at each hash, one prefix byte for all nodes.
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore8(p, 0x01)
            let left := add(p, 1)
            let right := add(p, 33)
            let end := add(proof.offset, shl(5, proof.length))
            for { let at := proof.offset } lt(at, end) { at := add(at, 32) } {
                if iszero(sn) {
                    sn := 1 // a hash too many: nothing is proven
                    break
                }
                switch or(and(fn, 1), eq(fn, sn))
                case 1 {
                    mstore(left, calldataload(at))
                    mstore(right, r)
                    for {} iszero(or(and(fn, 1), iszero(fn))) {} {
                        fn := shr(1, fn)
                        sn := shr(1, sn)
                    }
                }
                default {
                    mstore(left, r)
                    mstore(right, calldataload(at))
                }
                if iszero(staticcall(gas(), 2, p, 65, 0x00, 32)) { revert(0, 0) }
                r := mload(0x00)
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
        }
        return sn == 0 && r == root;
    }

    /// @dev Section 2.1.4.2: whether the log of `first` entries with `firstRoot` is the beginning of the log of
    /// `second` entries with `secondRoot`. Nothing is consistent with an empty log here: none is ever committed.
    function verifyConsistency(
        bytes32 firstRoot,
        uint256 first,
        bytes32 secondRoot,
        uint256 second,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        if (first == 0 || first > second) return false;
        if (first == second) return proof.length == 0 && firstRoot == secondRoot;

        // A power of two is a whole subtree: its root is known and not repeated in the proof.
        bool whole = first & (first - 1) == 0;
        if (!whole && proof.length == 0) return false;
        uint256 fn = first - 1;
        uint256 sn = second - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        bytes32 fr = whole ? firstRoot : proof[0];
        bytes32 sr = fr;
        for (uint256 i = whole ? 0 : 1; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                fr = nodeHash(proof[i], fr);
                sr = nodeHash(proof[i], sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = nodeHash(sr, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == firstRoot && sr == secondRoot;
    }
}

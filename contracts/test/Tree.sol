// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 9162, section 2.1, written down by its definition: recursive and slow
library Tree {
    function leaf(bytes32 entry) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"00", entry));
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }

    /// @dev The largest power of two below n.
    function split(uint256 n) internal pure returns (uint256 k) {
        k = 1;
        while (k << 1 < n) k <<= 1;
    }

    /// @dev 2.1.1: the root of entries[start..start+n).
    function root(bytes32[] memory entries, uint256 start, uint256 n) internal pure returns (bytes32) {
        if (n == 1) return leaf(entries[start]);
        uint256 k = split(n);
        return node(root(entries, start, k), root(entries, start + k, n - k));
    }

    /// @dev 2.1.3.1: PATH(m, D[n]).
    function path(bytes32[] memory entries, uint256 start, uint256 m, uint256 n)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (n == 1) return new bytes32[](0);
        uint256 k = split(n);
        return m < k
            ? append(path(entries, start, m, k), root(entries, start + k, n - k))
            : append(path(entries, start + k, m - k, n - k), root(entries, start, k));
    }

    /// @dev 2.1.4.1: SUBPROOF(m, D[n], b).
    function subproof(bytes32[] memory entries, uint256 start, uint256 m, uint256 n, bool whole)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (m == n) {
            bytes32[] memory none = new bytes32[](0);
            return whole ? none : append(none, root(entries, start, n));
        }
        uint256 k = split(n);
        return m <= k
            ? append(subproof(entries, start, m, k, whole), root(entries, start + k, n - k))
            : append(subproof(entries, start + k, m - k, n - k, false), root(entries, start, k));
    }

    function append(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = item;
    }

    function without(bytes32[] memory list, uint256 place) internal pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](list.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = list[i < place ? i : i + 1];
    }
}

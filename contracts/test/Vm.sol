// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the tests ask of forge
interface Vm {
    function prank(address sender) external;
    function warp(uint256 time) external;
    function roll(uint256 blockNumber) external;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function getCode(string calldata name) external view returns (bytes memory);
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata reason) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

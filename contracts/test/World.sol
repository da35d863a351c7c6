// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IssuerRegistry} from "../src/IssuerRegistry.sol";
import {PassportLog} from "../src/PassportLog.sol";
import {Vm, vm} from "./Vm.sol";

/// @title Both contracts and a few accounts, for the tests of this folder
abstract contract World {
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address internal constant ROOT = address(0x1001);
    address internal constant CONTROLLER = address(0x1002);
    uint40 internal constant START = 1_795_338_000;
    uint8 internal constant ANCHOR = 1;
    uint8 internal constant STATUS = 2;
    uint256 internal constant ANCHOR_KEY = 0xA11CE;
    uint256 internal constant STATUS_KEY = 0xB0B;

    IssuerRegistry internal registry;
    PassportLog internal log;
    bytes32 internal issuerId;

    function _deploy() internal {
        vm.warp(START);
        bytes memory arguments = abi.encode(ROOT, "LEI", "529900T8BM49AURSDO55", bytes32(uint256(1)));
        registry = IssuerRegistry(_create("IssuerRegistry", arguments));
        log = PassportLog(_create("PassportLog", abi.encode(registry)));
        issuerId = _register("EXAMPLE", CONTROLLER);
        _bind(issuerId, CONTROLLER, ANCHOR_KEY, ANCHOR, 0, 0);
        _bind(issuerId, CONTROLLER, STATUS_KEY, STATUS, 0, 0);
    }

    /// @dev `new` would have the compiler go through a whole contract again for each test that makes one.
    function _create(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code = abi.encodePacked(vm.getCode(string.concat(name, ".sol:", name)), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), name);
    }

    function _register(string memory identifier, address controller) internal returns (bytes32) {
        vm.prank(ROOT);
        return registry.registerIssuer("LEI", identifier, controller, bytes32(uint256(2)), "");
    }

    function _bind(bytes32 id, address controller, uint256 privateKey, uint8 purposes, uint40 from, uint40 until)
        internal
    {
        address account = vm.addr(privateKey);
        bytes32 structHash = keccak256(
            abi.encode(registry.BIND_ACCOUNT_KEY_TYPEHASH(), id, account, purposes, from, until)
        );
        bytes memory signature = _sign(privateKey, _digest(address(registry), "IssuerRegistry", structHash));
        vm.prank(controller);
        registry.bindAccountKey(id, account, purposes, from, until, signature);
    }

    function _sign(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev EIP-712 by its definition, so that the contracts' own hashing is checked against another.
    function _digest(address target, string memory name, bytes32 structHash) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(string.concat("carbon-passport ", name))),
                keccak256("1"),
                block.chainid,
                target
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function _bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {RSA} from "@openzeppelin/contracts/utils/cryptography/RSA.sol";
import {IOrganisationKeys} from "./IOrganisationKeys.sol";

/// @title Keys of X.509 certificates
/// @dev Keeps nothing and calls nothing but precompiles. Apart from the registry, which has no room for this code.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract OrganisationKeys is IOrganisationKeys {
    uint256 private constant _MIN_MODULUS_BYTES = 256;
    uint256 private constant _MAX_MODULUS_BYTES = 512;

    /// @inheritdoc IOrganisationKeys
    function judgeRsa(bytes calldata message, bytes calldata modulus, bytes calldata signature)
        external
        view
        returns (bool isSigned, bytes32 keyHash)
    {
        uint256 length = modulus.length;
        // A leading zero would make a small key look large; the product of two odd primes is odd.
        if (
            length < _MIN_MODULUS_BYTES || length > _MAX_MODULUS_BYTES || modulus[0] & 0x80 == 0
                || modulus[length - 1] & 0x01 == 0
        ) revert ModulusInvalid(length);
        return (RSA.pkcs1Sha256(sha256(message), signature, hex"010001", modulus), _rsaKeyHash(modulus));
    }

    /// @inheritdoc IOrganisationKeys
    function judgeP256(bytes calldata message, bytes32 x, bytes32 y, bytes32 r, bytes32 s)
        external
        view
        returns (bool isSigned, bytes32 keyHash)
    {
        // The uncompressed point after the DER head of id-ecPublicKey on prime256v1 (RFC 5480).
        keyHash = sha256(abi.encodePacked(hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004", x, y));
        return (P256.verify(sha256(message), r, s, x, y), keyHash);
    }

    /// @dev With a modulus of 256 to 512 bytes every length of the DER form takes two bytes (RFC 8017, A.1.1).
    function _rsaKeyHash(bytes calldata modulus) private pure returns (bytes32) {
        uint16 integer = uint16(modulus.length) + 1; // the first bit is set, so DER puts a zero in front
        uint16 pair = 4 + integer + 5; // both integers with their heads
        uint16 bits = 1 + 4 + pair;
        uint16 whole = 15 + 4 + bits;
        return sha256(
            abi.encodePacked(
                hex"3082",
                whole,
                hex"300d06092a864886f70d0101010500_0382",
                bits,
                hex"003082",
                pair,
                hex"0282",
                integer,
                hex"00",
                modulus,
                hex"0203010001"
            )
        );
    }
}

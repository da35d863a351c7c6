// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Keys of X.509 certificates
/// @notice Whether such a key signed a message, and the hash by which certificates know it: SHA-256 of its
/// SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), what `openssl pkey -pubin -outform DER | sha256sum` prints.
/// @dev Nothing here tells to whom a key belongs: that is for the certificate, which stays off the chain.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IOrganisationKeys {
    /// @notice The RSA modulus is not one of 256 to 512 bytes with its first and last bit set.
    error ModulusInvalid(uint256 modulusBytes);

    /// @notice RSA of 2,048 to 4,096 bits with the exponent 65,537, PKCS#1 v1.5 with SHA-256 (RFC 8017, 8.2.2).
    /// @dev Reverts with {ModulusInvalid}.
    /// @param message What was signed.
    /// @param modulus The public modulus.
    /// @param signature As long as the modulus.
    /// @return isSigned Whether it is that key's signature.
    /// @return keyHash Hash of the key.
    function judgeRsa(bytes calldata message, bytes calldata modulus, bytes calldata signature)
        external
        view
        returns (bool isSigned, bytes32 keyHash);

    /// @notice ECDSA over P-256 with SHA-256; s at most half the group's order, so that a signature has one form.
    /// @param message What was signed.
    /// @param x The public point.
    /// @param y The public point.
    /// @param r The signature.
    /// @param s The signature.
    /// @return isSigned Whether it is that key's signature.
    /// @return keyHash Hash of the key.
    function judgeP256(bytes calldata message, bytes32 x, bytes32 y, bytes32 r, bytes32 s)
        external
        view
        returns (bool isSigned, bytes32 keyHash);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Why an account may not speak for a legal entity
/// @notice The registry reverts with these errors, and so does every contract that asks it: a caller of the log needs
/// only the log's ABI to read them.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IKeyErrors {
    /// @notice No legal entity has ever bound `account`.
    error AccountKeyUnbound(address account);

    /// @notice `account` is bound, for ever, to `boundTo` and not to `issuerId`.
    error AccountKeyOfOther(address account, bytes32 issuerId, bytes32 boundTo);

    /// @notice `account` has `purposes` (bits), and the call needs all of `required`.
    error AccountKeyLacksPurpose(address account, uint8 purposes, uint8 required);

    /// @notice `account` is not good at `time`: before `from`, at or after `until`, or at or after `badFrom`
    /// (unix seconds; 0 means "not set" for the last two).
    error AccountKeyNotGood(address account, uint40 time, uint40 from, uint40 until, uint40 badFrom);

    /// @notice The legal entity, here or as the primary of the one that was meant, has been suspended since `since`
    /// (unix seconds).
    error IssuerIsSuspended(bytes32 issuerId, uint40 since);

    /// @notice The registration of the legal entity is annulled: what it did at or after `voidFrom` (unix seconds) is
    /// void.
    error IssuerIsAnnulled(bytes32 issuerId, uint40 voidFrom);
}

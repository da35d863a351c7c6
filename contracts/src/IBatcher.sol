// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Many issuers' checkpoints in one transaction
/// @notice A relayer collects signed checkpoints of many legal entities and sends them together. One that is stale,
/// expired or otherwise refused is skipped and reported; it neither reverts the others nor eats their gas.
/// @dev Holds nothing and may do nothing that anyone else may not: each order is judged by the log.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IBatcher {
    /// @notice A checkpoint to be committed, as the arguments of the log's `commitFor`.
    /// @param issuerId The legal entity.
    /// @param prevSize Entries in the checkpoint before; 0 for the first.
    /// @param root RFC 9162 root of the whole log.
    /// @param size Entries in the whole log.
    /// @param deadline The last second (unix) in which it may be included.
    /// @param account The account that signed.
    /// @param signature Its signature.
    struct CommitOrder {
        bytes32 issuerId;
        uint48 prevSize;
        bytes32 root;
        uint48 size;
        uint40 deadline;
        address account;
        bytes signature;
    }

    /// @notice The log refused the order at `position`; `reason` is what it reverted with, empty if it ran out of
    /// {GAS_PER_ORDER}.
    event OrderSkipped(uint256 indexed position, bytes32 indexed issuerId, bytes reason);

    /// @notice The orders from `position` on were not tried: the transaction's gas does not reach for another.
    event OrdersNotTried(uint256 indexed position);

    /// @notice The address given as log has no code.
    error LogInvalid(address log);

    /// @notice The order's signature is longer than {MAX_SIGNATURE_BYTES}; only ever the reason in {OrderSkipped}.
    error SignatureTooLong();

    /// @notice There is nothing to do, or not even gas for the first order.
    error BatchEmpty(uint256 orders, uint256 gasLeft);

    /// @notice Commits what the log takes, and reports what it does not.
    /// @dev Emits {OrderSkipped} for each order refused, and {OrdersNotTried} if the gas ends early. Reverts with
    /// {BatchEmpty}.
    /// @param orders In the order in which they are tried.
    /// @return committed How many the log took.
    function commitMany(CommitOrder[] calldata orders) external returns (uint256 committed);

    /// @notice The log that the checkpoints go to, fixed at deployment.
    /// @return Its address.
    function log() external view returns (address);

    /// @notice The most gas that one order may use: an account that is a contract may not eat the others' share.
    /// @return Gas.
    function GAS_PER_ORDER() external view returns (uint256);

    /// @notice The longest signature that is passed on: copying it is paid by all.
    /// @return Bytes.
    function MAX_SIGNATURE_BYTES() external view returns (uint256);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A brake that is quick to pull and slow to let go
/// @notice The guardian or the root pauses at once; the root unpauses at once, the guardian only {UNPAUSE_DELAY} after
/// it asked, so that a stolen guardian cannot undo a pause before anybody looks.
/// @dev What a pause stops is said by the contract that has it. All times are unix seconds.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
interface IGuardedPause {
    /// @notice Paused until further notice.
    event Paused(address indexed by);

    /// @notice `by` may unpause from `unpausableFrom` (unix seconds) on.
    event UnpauseRequested(address indexed by, uint40 unpausableFrom);

    /// @notice No longer paused.
    event Unpaused(address indexed by);

    /// @notice `caller` is neither the guardian nor the root.
    error PauseUnauthorized(address caller);

    /// @notice It is paused.
    error IsPaused();

    /// @notice It is not paused.
    error IsNotPaused();

    /// @notice The guardian asked before, and may unpause from `unpausableFrom` (unix seconds) on.
    error UnpauseAlreadyRequested(uint40 unpausableFrom);

    /// @notice The guardian may unpause from `unpausableFrom` on (0: it never asked), and now is `time` (unix seconds).
    error UnpauseNotDue(uint40 unpausableFrom, uint40 time);

    /// @notice Pauses at once.
    /// @dev Only the guardian or the root. Emits {Paused}. Reverts with {PauseUnauthorized} or {IsPaused}.
    function pause() external;

    /// @notice Begins the guardian's wait for unpausing.
    /// @dev Only the guardian or the root, which does not need it. Emits {UnpauseRequested}. Reverts with
    /// {PauseUnauthorized}, {IsNotPaused} or {UnpauseAlreadyRequested}.
    function requestUnpause() external;

    /// @notice Unpauses: the root at once, the guardian when its wait is over.
    /// @dev Emits {Unpaused}. Reverts with {PauseUnauthorized}, {IsNotPaused} or {UnpauseNotDue}.
    function unpause() external;

    /// @notice Whether it is paused.
    /// @return True while it is.
    function isPaused() external view returns (bool);

    /// @notice From when on the guardian may unpause.
    /// @return Unix seconds; 0 if it has not asked since the last pause.
    function unpausableFrom() external view returns (uint40);

    /// @notice How long the guardian waits.
    /// @return Seconds.
    function UNPAUSE_DELAY() external view returns (uint40);
}

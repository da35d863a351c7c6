// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardedPause} from "./IGuardedPause.sol";

/// @title A brake that is quick to pull and slow to let go
/// @dev The contract that inherits says who root and guardian are, and puts {whenNotPaused} where a pause is to stop
/// something.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
abstract contract GuardedPause is IGuardedPause {
    /// @inheritdoc IGuardedPause
    uint40 public constant UNPAUSE_DELAY = 2 days;

    bool private _paused;
    uint40 private _unpausableFrom;

    modifier whenNotPaused() {
        if (_paused) revert IsPaused();
        _;
    }

    /// @inheritdoc IGuardedPause
    function pause() external whenNotPaused {
        _requireBrakesman();
        _paused = true;
        _unpausableFrom = 0;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IGuardedPause
    function requestUnpause() external {
        _requireBrakesman();
        if (!_paused) revert IsNotPaused();
        if (_unpausableFrom != 0) revert UnpauseAlreadyRequested(_unpausableFrom);
        _unpausableFrom = uint40(block.timestamp) + UNPAUSE_DELAY;
        emit UnpauseRequested(msg.sender, _unpausableFrom);
    }

    /// @inheritdoc IGuardedPause
    function unpause() external {
        bool isRoot = _requireBrakesman();
        if (!_paused) revert IsNotPaused();
        uint40 due = _unpausableFrom;
        if (!isRoot && (due == 0 || block.timestamp < due)) revert UnpauseNotDue(due, uint40(block.timestamp));
        _paused = false;
        _unpausableFrom = 0;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IGuardedPause
    function isPaused() external view returns (bool) {
        return _paused;
    }

    /// @inheritdoc IGuardedPause
    function unpausableFrom() external view returns (uint40) {
        return _unpausableFrom;
    }

    /// @dev The account that is trusted from outside, and the one that may pull the brake for it (zero: nobody).
    function _rootAndGuardian() internal view virtual returns (address root, address guardian);

    function _requireBrakesman() private view returns (bool isRoot) {
        (address root, address guardian) = _rootAndGuardian();
        isRoot = msg.sender == root;
        if (!isRoot && msg.sender != guardian) revert PauseUnauthorized(msg.sender);
    }
}

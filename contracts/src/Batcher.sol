// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatcher} from "./IBatcher.sol";
import {IPassportLog} from "./IPassportLog.sol";

/// @title Many issuers' checkpoints in one transaction
/// @dev No storage, no owner, no ether. Accounts that are contracts are asked by the log, statically and within
/// {GAS_PER_ORDER}.
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
contract Batcher is IBatcher {
    /// @inheritdoc IBatcher
    uint256 public constant GAS_PER_ORDER = 300_000;

    /// @inheritdoc IBatcher
    uint256 public constant MAX_SIGNATURE_BYTES = 4_096;

    // What a call leaves behind is a 64th of what there was; beside that the loop and its event need some.
    uint256 private constant _GAS_TO_TRY = GAS_PER_ORDER + GAS_PER_ORDER / 63 + 40_000;

    IPassportLog private immutable _log;

    /// @notice Deploys the batcher over a log.
    /// @param log_ The passport log, deployed before.
    constructor(IPassportLog log_) {
        if (address(log_).code.length == 0) revert LogInvalid(address(log_));
        _log = log_;
    }

    /// @inheritdoc IBatcher
    function commitMany(CommitOrder[] calldata orders) external returns (uint256 committed) {
        if (orders.length == 0 || gasleft() < _GAS_TO_TRY) revert BatchEmpty(orders.length, gasleft());
        for (uint256 i = 0; i < orders.length; ++i) {
            if (gasleft() < _GAS_TO_TRY) {
                emit OrdersNotTried(i);
                break;
            }
            CommitOrder calldata order = orders[i];
            if (order.signature.length > MAX_SIGNATURE_BYTES) {
                emit OrderSkipped(i, order.issuerId, abi.encodeWithSelector(SignatureTooLong.selector));
                continue;
            }
            try _log.commitFor{gas: GAS_PER_ORDER}(
                order.issuerId, order.prevSize, order.root, order.size, order.deadline, order.account, order.signature
            ) {
                ++committed;
            } catch (bytes memory reason) {
                // The log's own errors, and those of the registry: a few words, whatever an account answers.
                emit OrderSkipped(i, order.issuerId, reason);
            }
        }
    }

    /// @inheritdoc IBatcher
    function log() external view returns (address) {
        return address(_log);
    }
}

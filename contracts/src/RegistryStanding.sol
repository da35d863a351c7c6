// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {RegistryRecords} from "./RegistryRecords.sol";

/// @title Who was in good standing when, up to the root, and who may act
/// @custom:security-contact See SECURITY.md of the carbon-passport project.
abstract contract RegistryStanding is RegistryRecords {
    /// @notice The most accreditations between the root and a registrar; bounds every walk up the chain.
    uint256 public constant MAX_ACCREDITATIONS = 8;

    /// @param rootAccount The root registrar.
    constructor(address rootAccount) RegistryRecords(rootAccount) {}

    /// @inheritdoc IIssuerRegistry
    function registrarGoodAt(address registrar, uint40 time) external view returns (bool) {
        _requireReached(time);
        return _registrarGoodAt(registrar, time);
    }

    // ---------------------------------------------------------------- now

    /// @dev A registrar that may act now: good up to the root, and its own entity in good standing.
    function _requireActiveRegistrar(address registrar) internal view returns (bytes32 issuerId) {
        issuerId = _requireRegistrar(registrar).issuerId;
        if (!_registrarGoodAt(registrar, _now())) revert RegistrarNotGood(registrar, _now());
        _requireGoodStanding(issuerId, _issuers[issuerId]);
    }

    /// @dev Neither annulled nor suspended, nor linked to a primary that is suspended.
    function _requireGoodStanding(bytes32 issuerId, Issuer storage issuer) internal view {
        uint40 since = issuer.suspendedAt;
        if (since != 0) revert IssuerIsSuspended(issuerId, since);
        if (issuer.isAnnulled) revert IssuerIsAnnulled(issuerId, issuer.voidFrom);
        if (issuer.linkState == _LINKED) {
            bytes32 primaryId = _links[issuerId].primaryId;
            since = _issuers[primaryId].suspendedAt;
            if (since != 0) revert IssuerIsSuspended(primaryId, since);
        }
    }

    /// @dev The caller vouched for the entity, or for the registrar that did; the root, if `orRoot`.
    function _isVoucher(Issuer storage issuer, bool orRoot) internal view returns (bool) {
        address registrar = issuer.registrar;
        bool vouches = msg.sender == registrar || msg.sender == _registrars[registrar].accreditor
            || (orRoot && msg.sender == _root);
        return vouches && _registrarGoodAt(msg.sender, _now());
    }

    function _requireVoucher(bytes32 issuerId) internal view returns (Issuer storage issuer) {
        issuer = _requireIssuer(issuerId);
        if (!_isVoucher(issuer, true)) revert IssuerUnauthorized(issuerId, msg.sender);
    }

    function _requireController(bytes32 issuerId) internal view returns (Issuer storage issuer) {
        issuer = _requireIssuer(issuerId);
        if (msg.sender != issuer.controller) revert IssuerUnauthorized(issuerId, msg.sender);
    }

    function _requireControllerOrVoucher(bytes32 issuerId) internal view {
        Issuer storage issuer = _requireIssuer(issuerId);
        if (msg.sender != issuer.controller && !_isVoucher(issuer, true)) {
            revert IssuerUnauthorized(issuerId, msg.sender);
        }
    }

    // ---------------------------------------------------------------- at a time

    function _registrarGoodAt(address registrar, uint40 time) internal view returns (bool) {
        return _vouchedAt(registrar, time, 0);
    }

    /// @dev Walks up at most MAX_ACCREDITATIONS steps: each registrar is judged at the time it vouched for the one
    /// below. None but the root vouches for its own legal entity, under whatever identifier: neither for `subject` (the
    /// primary of the entity in question; 0 for none) anywhere in the chain, nor for the registrar it accredits.
    function _vouchedAt(address registrar, uint40 time, bytes32 subject) internal view returns (bool) {
        bytes32 below = subject;
        while (true) {
            Registrar storage record = _registrars[registrar];
            uint40 accreditedAt = record.accreditedAt;
            if (accreditedAt == 0 || !_holds(accreditedAt, 0, record.badFrom, time)) return false;
            if (registrar != _root) {
                bytes32 primaryId = _primaryOf(record.issuerId);
                if (primaryId == below || primaryId == subject) return false;
                below = primaryId;
            }
            registrar = record.accreditor;
            if (registrar == address(0)) return true;
            time = accreditedAt;
        }
        return false;
    }

    function _depthOf(address registrar) internal view returns (uint256 depth) {
        for (address above = _registrars[registrar].accreditor; above != address(0); above = _registrars[above].accreditor) {
            ++depth;
        }
    }

    /// @dev Neither void nor suspended at `time`, nor its primary suspended while they were linked, and vouched for up to
    /// the root.
    function _issuerGoodAt(bytes32 issuerId, uint40 time) internal view returns (bool) {
        Issuer storage issuer = _issuers[issuerId];
        if (issuer.isAnnulled && time >= issuer.voidFrom) return false;
        if (_isSuspendedAt(issuerId, time)) return false;
        bytes32 primaryId = issuerId;
        if (issuer.linkState == _LINKED) {
            Link storage link = _links[issuerId];
            primaryId = link.primaryId;
            if (time >= link.linkedAt && _isSuspendedAt(primaryId, time)) return false;
        }
        return _vouchedAt(issuer.registrar, issuer.registeredAt, primaryId);
    }

    function _isSuspendedAt(bytes32 issuerId, uint40 time) internal view returns (bool) {
        uint40 since = _issuers[issuerId].suspendedAt;
        return (since != 0 && time >= since) || _wasSuspendedAt(_pastSuspensions[issuerId], time);
    }

    /// @dev The intervals follow one another, so the last that began by `time` decides: found by halving.
    function _wasSuspendedAt(Suspension[] storage past, uint40 time) internal view returns (bool) {
        uint256 low = 0;
        uint256 high = past.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (past[middle].from <= time) low = middle + 1;
            else high = middle;
        }
        return low != 0 && time < past[low - 1].until;
    }

    function _answer(bytes32 issuerId, uint40 keyFrom, bool keyHolds) internal view returns (Answer memory answer) {
        Issuer storage issuer = _issuers[issuerId];
        address registrar = issuer.registrar;
        uint40 vouchedAt = issuer.registeredAt;
        Voucher[] memory vouchers = new Voucher[](_depthOf(registrar) + 1);
        for (uint256 i = 0; i < vouchers.length; ++i) {
            Registrar storage record = _registrars[registrar];
            vouchers[i] = Voucher(registrar, record.issuerId, vouchedAt, record.badFrom);
            registrar = record.accreditor;
            vouchedAt = record.accreditedAt;
        }
        return Answer({
            issuerId: issuerId,
            primaryId: _primaryOf(issuerId),
            controller: issuer.controller,
            registeredAt: issuer.registeredAt,
            keyFrom: keyFrom,
            isGood: keyHolds && _issuerGoodAt(issuerId, _now()),
            vouchers: vouchers
        });
    }
}

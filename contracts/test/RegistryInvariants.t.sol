// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuerRegistry} from "../src/IIssuerRegistry.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title Registrars, controllers and strangers, all cheating, in any order
contract RegistryHandler is World {
    uint256 private constant ACTORS = 8;
    string private constant LETTERS = "ABCDEF";

    bytes32[] public ids;
    address[] public accounts;
    mapping(address account => uint32) public boundTo;
    mapping(address account => uint40) public badFromOf;
    mapping(bytes32 id => uint40) public voidFromOf;
    mapping(bytes32 id => bytes32) public primaryOf;
    mapping(bytes32 id => address) public controllerOf;
    mapping(address registrar => uint40) public withdrawnFrom;
    string public violation;
    uint256 public accredited;
    uint256 public hidden;
    uint256 public annulled;
    uint256 public linked;
    uint256 public recovered;

    constructor() {
        _deploy();
        _know(issuerId);
        controllerOf[issuerId] = CONTROLLER;
        _know(registry.registrarOf(ROOT).issuerId);
        controllerOf[ids[1]] = ROOT;
    }

    function target() external view returns (IIssuerRegistry) {
        return registry;
    }

    function count() external view returns (uint256, uint256) {
        return (ids.length, accounts.length);
    }

    function actor(uint256 seed) public pure returns (address) {
        // Mostly those who may do something, so that it does not come to refusals only.
        if (seed % 3 == 0) return ROOT;
        seed = (seed / 3) % (ACTORS + 1);
        return seed == 0 ? CONTROLLER : vm.addr(0xACC1 + seed);
    }

    function _know(bytes32 id) private {
        ids.push(id);
    }

    function _id(uint256 seed) private view returns (bytes32) {
        return ids[seed % ids.length];
    }

    // ------------------------------------------------------------ registrars

    function accredit(uint256 bySeed, uint256 whoSeed, uint256 idSeed) external {
        address who = whoSeed % 2 == 0 ? controllerOf[_id(idSeed)] : actor(whoSeed);
        vm.prank(actor(bySeed));
        try registry.accreditRegistrar(who, _id(idSeed)) {
            IIssuerRegistry.Registrar memory by = registry.registrarOf(actor(bySeed));
            ++accredited;
            if (actor(bySeed) != ROOT && _group(by.issuerId) == _group(_id(idSeed))) violation = "accredited itself";
        } catch {}
    }

    function withdraw(uint256 bySeed, uint256 whoSeed, uint256 back, uint256 rarely) external {
        if (rarely % 8 != 0) return;
        uint40 badFrom = uint40(block.timestamp - _bound(back, 0, 1 days));
        vm.prank(actor(bySeed));
        try registry.withdrawRegistrar(actor(whoSeed), badFrom) {
            uint40 before = withdrawnFrom[actor(whoSeed)];
            if (before != 0 && badFrom >= before) violation = "a withdrawal moved forward";
            withdrawnFrom[actor(whoSeed)] = badFrom;
        } catch {}
    }

    // ------------------------------------------------------------ entities

    function register(uint256 bySeed, uint256 letter, uint256 controllerSeed) external {
        bytes memory identifier = new bytes(1);
        identifier[0] = bytes(LETTERS)[letter % 6];
        address by = actor(bySeed);
        address controller = actor(controllerSeed);
        vm.prank(by);
        try registry.registerIssuer("LEI", string(identifier), controller, bytes32(uint256(1)), "") returns (bytes32 id) {
            if (controllerOf[id] != address(0)) violation = "an id was registered twice";
            if (!registry.registrarGoodAt(by, uint40(block.timestamp))) violation = "a bad registrar registered";
            _know(id);
            controllerOf[id] = controller;
        } catch {}
    }

    function suspend(uint256 bySeed, uint256 idSeed, bool ends) external {
        vm.prank(actor(bySeed));
        if (ends) try registry.reinstate(_id(idSeed)) {} catch {}
        else try registry.suspend(_id(idSeed)) {} catch {}
    }

    function annul(uint256 bySeed, uint256 idSeed, uint256 back, uint256 rarely) external {
        if (rarely % 4 != 0) return;
        bytes32 id = _id(idSeed);
        uint40 voidFrom = uint40(block.timestamp - _bound(back, 0, 1 days));
        address by = actor(bySeed);
        vm.prank(by);
        try registry.annulIssuer(id, voidFrom) {
            address registrar = registry.issuerOf(id).registrar;
            if (by != ROOT && by == registrar) violation = "a registrar annulled its own registration";
            if (voidFromOf[id] != 0 && voidFrom >= voidFromOf[id]) violation = "an annulment moved forward";
            voidFromOf[id] = voidFrom;
            ++annulled;
        } catch {}
    }

    function restore(uint256 bySeed, uint256 letter, uint256 generation) external {
        bytes memory identifier = new bytes(1);
        identifier[0] = bytes(LETTERS)[letter % 6];
        vm.prank(actor(bySeed));
        try registry.restoreIssuer("LEI", string(identifier), generation % 3) {
            if (actor(bySeed) != ROOT) violation = "another than the root restored";
            voidFromOf[registry.computeIssuerId("LEI", string(identifier), generation % 3)] = 0;
        } catch {}
    }

    function link(uint256 bySeed, uint256 idSeed, uint256 primarySeed, bool confirms) external {
        bytes32 id = _id(idSeed);
        bytes32 primaryId = _id(primarySeed);
        vm.prank(actor(bySeed));
        if (confirms) {
            try registry.linkIssuer(id, primaryId) {
                if (controllerOf[id] != controllerOf[primaryId]) violation = "two controllers were linked";
                if (primaryOf[id] != 0) violation = "a link was changed";
                primaryOf[id] = primaryId;
            } catch {}
        } else {
            try registry.requestLink(id, primaryId) {
                if (controllerOf[id] != actor(bySeed)) violation = "a stranger agreed to a link";
            } catch {}
        }
    }

    /// @dev What chance would seldom hit: agreed, confirmed, and a registrar of the one vouching for the other.
    function linkOwn(uint256 idSeed, uint256 primarySeed) external {
        bytes32 id = _id(idSeed);
        bytes32 primaryId = _id(primarySeed);
        if (controllerOf[id] != controllerOf[primaryId]) return;
        vm.prank(controllerOf[id]);
        try registry.requestLink(id, primaryId) {} catch {}
        vm.prank(ROOT);
        try registry.linkIssuer(id, primaryId) {
            if (primaryOf[id] != 0) violation = "a link was changed";
            primaryOf[id] = primaryId;
            ++linked;
        } catch {}
    }

    /// @dev What chance would hardly hit: a registrar vouches for an entity of its own under another identifier, and only
    /// a third identifier, linked later, ties the two together.
    function hideBehindALink(uint256 rarely) external {
        IIssuerRegistry.Issuer memory rootEntity = registry.issuerOf(ids[1]);
        bool rootActs = registry.registrarGoodAt(ROOT, uint40(block.timestamp)) && rootEntity.suspendedAt == 0
            && !rootEntity.isAnnulled && !registry.isPaused() && primaryOf[ids[1]] == 0;
        if (rarely % 4 != 0 || !rootActs || hidden >= 4) return;
        uint256 privateKey = 0x51D0 + ++hidden;
        address cheat = vm.addr(privateKey);
        bytes32 own = _registerHidden(ROOT, "1", cheat);
        vm.prank(ROOT);
        registry.accreditRegistrar(cheat, own);
        bytes32 second = _registerHidden(cheat, "2", cheat);
        bytes32 third = _registerHidden(ROOT, "3", cheat);
        _bind(second, cheat, privateKey, 3, 0, uint40(block.timestamp + 30 days));
        boundTo[cheat] = registry.issuerOf(second).issuerNo;
        accounts.push(cheat);
        this.linkAs(cheat, second, third);
        this.linkAs(cheat, own, third);
    }

    function linkAs(address controller, bytes32 id, bytes32 primaryId) external {
        vm.prank(controller);
        registry.requestLink(id, primaryId);
        // Whoever may confirm: the registrar of the one to be linked is bad company here, so the root.
        vm.prank(ROOT);
        registry.linkIssuer(id, primaryId);
        primaryOf[id] = primaryId;
        ++linked;
    }

    function _registerHidden(address by, string memory suffix, address controller) private returns (bytes32 id) {
        bytes memory name = bytes(string.concat("HIDDEN0", suffix));
        name[6] = bytes1(uint8(48 + hidden));
        vm.prank(by);
        id = registry.registerIssuer("LEI", string(name), controller, bytes32(uint256(1)), "");
        _know(id);
        controllerOf[id] = controller;
    }

    // ------------------------------------------------------------ controllers

    function setController(uint256 bySeed, uint256 idSeed, uint256 newSeed) external {
        bytes32 id = _id(idSeed);
        vm.prank(actor(bySeed));
        try registry.setController(id, actor(newSeed)) {
            if (controllerOf[id] != actor(bySeed)) violation = "another than the controller handed an entity on";
            controllerOf[id] = actor(newSeed);
        } catch {}
    }

    function requestRecovery(uint256 bySeed, uint256 idSeed, uint256 newSeed) external {
        vm.prank(actor(bySeed));
        try registry.requestRecovery(_id(idSeed), actor(newSeed)) {} catch {}
    }

    function vetoRecovery(uint256 bySeed, uint256 idSeed) external {
        bytes32 id = _id(idSeed);
        vm.prank(actor(bySeed));
        try registry.vetoRecovery(id) {
            if (controllerOf[id] != actor(bySeed)) violation = "another than the controller vetoed";
        } catch {}
    }

    function executeRecovery(uint256 bySeed, uint256 idSeed) external {
        bytes32 id = _id(idSeed);
        vm.prank(actor(bySeed));
        try registry.executeRecovery(id) {
            uint256 last = registry.recoveryCount(id) - 1;
            IIssuerRegistry.Recovery memory recovery = registry.recoveryOf(id, last);
            if (block.timestamp < recovery.requestedAt + 7 days) violation = "a recovery before its time";
            controllerOf[id] = recovery.controller;
            ++recovered;
        } catch {}
    }

    // ------------------------------------------------------------ keys

    function bind(uint256 idSeed, uint256 keySeed, uint256 until) external {
        bytes32 id = _id(idSeed);
        uint256 privateKey = 0xACC0 + _bound(keySeed, 2, ACTORS + 1);
        address account = vm.addr(privateKey);
        uint40 end = uint40(block.timestamp + _bound(until, 1, 30 days));
        bytes32 structHash = keccak256(
            abi.encode(registry.BIND_ACCOUNT_KEY_TYPEHASH(), id, account, uint8(3), uint40(0), end)
        );
        bytes memory signature = _sign(privateKey, _digest(address(registry), "IssuerRegistry", structHash));
        vm.prank(controllerOf[id]);
        try registry.bindAccountKey(id, account, 3, 0, end, signature) {
            if (boundTo[account] != 0) violation = "an account was bound twice";
            if (registry.isPaused()) violation = "an account was bound in a pause";
            boundTo[account] = registry.issuerOf(id).issuerNo;
            accounts.push(account);
        } catch {}
    }

    function report(uint256 bySeed, uint256 keySeed, uint256 back) external {
        address account = vm.addr(0xACC0 + _bound(keySeed, 2, ACTORS + 1));
        uint40 badFrom = uint40(block.timestamp - _bound(back, 0, 1 days));
        vm.prank(actor(bySeed));
        try registry.reportAccountKeyCompromise(account, badFrom) {
            if (badFromOf[account] != 0 && badFrom >= badFromOf[account]) violation = "a report moved forward";
            badFromOf[account] = badFrom;
        } catch {}
    }

    function pause(uint256 bySeed, uint256 how) external {
        vm.prank(actor(bySeed));
        if (how % 3 == 0) try registry.pause() {} catch {}
        else if (how % 3 == 1) try registry.requestUnpause() {} catch {}
        else try registry.unpause() {} catch {}
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + _bound(seconds_, 1, 3 days));
    }

    function _group(bytes32 id) private view returns (bytes32) {
        return primaryOf[id] == 0 ? id : primaryOf[id];
    }

    /// @dev Whether somebody other than the root vouches for its own legal entity, anywhere from `id` up.
    function vouchesForItself(bytes32 id) external view returns (bool) {
        bytes32 below = _group(id);
        address registrar = registry.issuerOf(id).registrar;
        while (registrar != ROOT) {
            IIssuerRegistry.Registrar memory record = registry.registrarOf(registrar);
            bytes32 group = _group(record.issuerId);
            if (group == below || group == _group(id)) return true;
            below = group;
            registrar = record.accreditor;
        }
        return false;
    }
}

contract RegistryInvariantsTest {
    RegistryHandler private _handler;
    IIssuerRegistry private _registry;

    function setUp() external {
        _handler = new RegistryHandler();
        _registry = _handler.target();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev A step of another one, not one by itself.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].addr = address(_handler);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = RegistryHandler.linkAs.selector;
    }

    /// @dev A handler whose every call is refused would prove nothing: here is what it does in a thousand steps.
    function test_theHandlerGetsSomewhere() external {
        for (uint256 i = 0; i < 1_000; ++i) {
            uint256 a = uint256(keccak256(abi.encode(i, "a")));
            uint256 b = uint256(keccak256(abi.encode(i, "b")));
            uint256 c = uint256(keccak256(abi.encode(i, "c")));
            uint256 what = i % 8;
            if (what == 0) _handler.register(a, b, c);
            else if (what == 1) _handler.accredit(a, b, c);
            else if (what == 2) _handler.bind(a, b, c);
            else if (what == 3) _handler.linkOwn(a, b);
            else if (what == 4) _handler.requestRecovery(a, b, c);
            else if (what == 5) _handler.executeRecovery(a, b);
            else if (what == 6) _handler.wait(a);
            else if (i > 800) _handler.annul(a, b, c, 0);
            if (i == 0) _handler.hideBehindALink(0);
        }
        require(_handler.hidden() == 1, "somebody hides behind a link");
        (uint256 entities, uint256 keys) = _handler.count();
        require(entities > 5, "entities come");
        require(keys > 3, "keys come");
        require(_handler.accredited() > 0, "registrars come");
        require(_handler.linked() > 0, "identifiers are linked");
        require(_handler.recovered() > 0, "controllers are replaced");
        require(_handler.annulled() > 0, "registrations are annulled");
        require(bytes(_handler.violation()).length == 0, _handler.violation());
    }

    function invariant_nobodyDidWhatTheyMayNot() external view {
        require(bytes(_handler.violation()).length == 0, _handler.violation());
    }

    function invariant_entitiesAreWhatWasDoneToThem() external view {
        (uint256 count,) = _handler.count();
        for (uint256 i = 0; i < count; ++i) {
            bytes32 id = _handler.ids(i);
            IIssuerRegistry.Issuer memory issuer = _registry.issuerOf(id);
            require(_registry.issuerIdOf(issuer.issuerNo) == id, "a number is one entity's");
            require(issuer.controller == _handler.controllerOf(id), "a controller changes by its own hand or a recovery");
            require(issuer.voidFrom == _handler.voidFromOf(id), "void since when it was said");
            require(issuer.isAnnulled == (issuer.voidFrom != 0), "one fact, kept twice");
            bytes32 primaryId = _handler.primaryOf(id);
            require((issuer.linkState == 1) == (primaryId != 0), "a link is for good");
            if (primaryId != 0) {
                require(_registry.linkOf(id).primaryId == primaryId, "a link leads where it led");
                require(_registry.issuerOf(primaryId).linkState == 2, "no link leads to a linked one");
            }
            uint256 past = _registry.pastSuspensionCount(id);
            uint40 ended = 0;
            for (uint256 j = 0; j < past; ++j) {
                IIssuerRegistry.Suspension memory each = _registry.pastSuspensionOf(id, j);
                require(each.from >= ended && each.until >= each.from, "suspensions follow one another");
                ended = each.until;
            }
            require(issuer.suspendedAt == 0 || issuer.suspendedAt >= ended, "and the present one comes last");
        }
    }

    function invariant_keysAreWhatWasDoneToThem() external view {
        (, uint256 count) = _handler.count();
        for (uint256 i = 0; i < count; ++i) {
            address account = _handler.accounts(i);
            IIssuerRegistry.AccountKey memory key = _registry.accountKeyOf(account);
            require(key.issuerNo == _handler.boundTo(account), "bound to one entity, for ever");
            require(key.badFrom == _handler.badFromOf(account), "bad since when it was said");
            require(_registry.badFromOf(key.keyNo) == key.badFrom, "one fact, kept twice");
            require(key.keyNo == i + 3, "numbers are given once"); // two were bound before
        }
    }

    function invariant_nobodyVouchesForItself() external view {
        (, uint256 count) = _handler.count();
        for (uint256 i = 0; i < count; ++i) {
            address account = _handler.accounts(i);
            bytes32 id = _registry.issuerIdOf(_registry.accountKeyOf(account).issuerNo);
            if (_handler.vouchesForItself(id)) {
                require(!_registry.authorisedAt(account, uint40(block.timestamp)), "who vouches for itself is nobody");
            }
        }
    }

    function invariant_noKeySpeaksOutsideItsWindow() external view {
        (, uint256 count) = _handler.count();
        for (uint256 i = 0; i < count; ++i) {
            address account = _handler.accounts(i);
            IIssuerRegistry.AccountKey memory key = _registry.accountKeyOf(account);
            bytes32 id = _registry.issuerIdOf(key.issuerNo);
            uint40 voidFrom = _handler.voidFromOf(id);
            uint40[4] memory moments = [key.from - 1, key.from, key.until, uint40(block.timestamp)];
            for (uint256 j = 0; j < 4; ++j) {
                uint40 time = moments[j];
                if (time > block.timestamp || !_registry.authorisedAt(account, time)) continue;
                require(key.from <= time && time < key.until, "inside its window");
                require(key.badFrom == 0 || time < key.badFrom, "before it went bad");
                require(voidFrom == 0 || time < voidFrom, "of an entity that was not void");
                require(_handler.withdrawnFrom(_registry.issuerOf(id).registrar) == 0 || _wasGood(id), "vouched for");
            }
        }
    }

    function _wasGood(bytes32 id) private view returns (bool) {
        IIssuerRegistry.Issuer memory issuer = _registry.issuerOf(id);
        return issuer.registeredAt < _handler.withdrawnFrom(issuer.registrar);
    }
}

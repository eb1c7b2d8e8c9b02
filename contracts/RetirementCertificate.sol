// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IAuthority} from "./interfaces/IAuthority.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {IRetirementCertificate} from "./interfaces/IRetirementCertificate.sol";
import {RetirementDigest} from "./libraries/RetirementDigest.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title One token per retirement, bound to who retired.
contract RetirementCertificate is IRetirementCertificate, IERC5192, ERC721 {
    address public immutable carbonRegistry;

    mapping(uint256 id => bytes32) private _digests;

    constructor(address carbonRegistry_, string memory name_) ERC721(name_, "RETIRED") {
        carbonRegistry = carbonRegistry_;
    }

    /// @inheritdoc IRetirementCertificate
    function mint(address holder, uint256 id, bytes32 digest) external {
        if (msg.sender != carbonRegistry) {
            revert IAuthority.NotAuthorised(msg.sender, Roles.CREDITS);
        }
        _digests[id] = digest;
        _mint(holder, id);
        emit Locked(id);
    }

    /// @inheritdoc IRetirementCertificate
    function exists(uint256 id) external view returns (bool) {
        return _ownerOf(id) != address(0);
    }

    /// @inheritdoc IRetirementCertificate
    function digestOf(uint256 id) external view returns (bytes32) {
        _requireCertificate(id);
        return _digests[id];
    }

    /// @inheritdoc IRetirementCertificate
    function verify(
        uint256 id,
        RetirementRecord calldata record
    ) external view returns (bool) {
        _requireCertificate(id);
        bytes32 shown = RetirementDigest.ofRetirement(
            record.registry,
            record.id,
            record.batch,
            record.holder,
            record.intervals,
            record.amount,
            RetirementDigest.ofClaim(record.claim)
        );
        // The digest covers the id, so a record of another retirement differs too.
        return shown == _digests[id];
    }

    /// @inheritdoc IERC5192
    function locked(uint256 id) external view returns (bool) {
        _requireCertificate(id);
        return true;
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    function approve(address, uint256 id) public pure override {
        revert CertificateBound(id);
    }

    function transferFrom(address, address, uint256 id) public pure override {
        revert CertificateBound(id);
    }

    function safeTransferFrom(address, address, uint256 id, bytes memory) public pure override {
        revert CertificateBound(id);
    }

    function _requireCertificate(uint256 id) private view {
        if (_ownerOf(id) == address(0)) revert UnknownCertificate(id);
    }
}

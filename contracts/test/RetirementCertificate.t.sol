// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {World} from "./support/World.sol";
import {IRetirementCertificate} from "../interfaces/IRetirementCertificate.sol";
import {Interval, interval} from "../types/Interval.sol";

contract RetirementCertificateTest is World {
    error ERC721InvalidSender(address sender);

    function setUp() public override {
        super.setUp();
        retire(1, 5);
    }

    function test_mint_refusesInOrder() public {
        refusesRole(OPERATOR, "CREDITS");
        vm.prank(OPERATOR);
        certificate.mint(HOLDER, 1, 0);
        refuses(abi.encodeWithSelector(ERC721InvalidSender.selector, address(0)));
        vm.prank(address(registry));
        certificate.mint(HOLDER, 1, 0);
    }

    function test_transferFrom_isRefused() public {
        bytes memory bound_ = abi.encodeWithSelector(
            IRetirementCertificate.CertificateBound.selector,
            1
        );
        vm.startPrank(HOLDER);
        refuses(bound_);
        certificate.transferFrom(HOLDER, BUYER, 1);
        refuses(bound_);
        certificate.safeTransferFrom(HOLDER, BUYER, 1);
        refuses(bound_);
        certificate.safeTransferFrom(HOLDER, BUYER, 1, "");
        refuses(bound_);
        certificate.approve(BUYER, 1);
        certificate.setApprovalForAll(BUYER, true);
        vm.stopPrank();
        refuses(bound_);
        vm.prank(BUYER);
        certificate.transferFrom(HOLDER, BUYER, 1);
        assertEq(certificate.ownerOf(1), HOLDER);
    }

    function test_verify_refusesUnknown() public {
        refusesCertificate(2);
        certificate.verify(2, record());
        refusesCertificate(2);
        certificate.digestOf(2);
        refusesCertificate(2);
        certificate.locked(2);
        assertFalse(certificate.exists(2));
        assertTrue(certificate.locked(1));
        assertTrue(certificate.exists(1));
    }

    function test_verify_tellsTrueFromTampered() public view {
        assertTrue(certificate.verify(1, record()));
        IRetirementCertificate.RetirementRecord memory shown = record();
        shown.amount = 6;
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.holder = BUYER;
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.id = 2;
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.batch = NO_BATCH;
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.registry = address(this);
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.intervals = new Interval[](2);
        shown.intervals[0] = interval(START, START + 2);
        shown.intervals[1] = interval(START + 2, START + 5);
        assertFalse(certificate.verify(1, shown));
        shown = record();
        shown.claim.beneficiary = "Another Ltd";
        assertFalse(certificate.verify(1, shown));
        // Text that moves from one field to the next is another claim.
        shown = record();
        (shown.claim.beneficiary, shown.claim.purpose) = ("Example Ltdv", "oluntary");
        assertFalse(certificate.verify(1, shown));
    }

    function test_digestOf_isAsDocumented() public view {
        IRetirementCertificate.RetirementRecord memory kept = record();
        bytes32 expected = keccak256(
            abi.encode(
                address(registry),
                uint256(1),
                BATCH,
                HOLDER,
                uint64(5),
                keccak256(abi.encodePacked(kept.intervals)),
                keccak256(abi.encode(kept.claim))
            )
        );
        assertEq(certificate.digestOf(1), expected);
    }

    function record()
        private
        view
        returns (IRetirementCertificate.RetirementRecord memory)
    {
        return
            IRetirementCertificate.RetirementRecord({
                registry: address(registry),
                id: 1,
                batch: BATCH,
                holder: HOLDER,
                amount: 5,
                intervals: one(0, 5),
                claim: claimOf("Example Ltd")
            });
    }

    function refusesCertificate(uint256 id) private {
        refuses(
            abi.encodeWithSelector(IRetirementCertificate.UnknownCertificate.selector, id)
        );
    }
}

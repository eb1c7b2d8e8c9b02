// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Credits between one registry and others.
/// @notice Credits leave their home, the registry that first issued them, for a peer, or come back
/// home; from one foreign registry to another they go through home. At home they are exported,
/// abroad they are a batch of their own with the home's serials.
/// @dev One bridge per registry and chain; it holds the role BRIDGE at its registry's authority.
/// Registries are named by keccak256 of their names. Amounts, texts and ids as in ICarbonRegistry.
/// @dev Between chains a message goes, signed by the source's signer, and a receipt comes back,
/// signed by the target's. Anyone may carry either: the signature is the authority. On one chain
/// bridges call each other, and nothing is ever pending.
/// @dev Keeps: a message has one effect, once for ever, and messages of a peer are taken in their
/// order (C5). What is outstanding here is disjoint, per scope, and per home at most the
/// allowance. What comes back was outstanding under the export that it names, at the peer that
/// sends it, so that what is outstanding elsewhere is a part of what was exported here (C3).
/// @dev Does not protect from signers' keys in wrong hands. With a home's key credits can be had
/// at its peers, up to their allowances; with a target's key what was imported can be given back
/// to its sender as well. Nor does anything check the lock behind a mirror.
/// @dev Hints say where to look among the intervals that are outstanding here, as in ISerialIndex:
/// hintFor for receiveMessage, mirror and compensate, hintToSend for send and unmirror. A move
/// takes one hint: for this bridge if the batch was imported, else for the target's.
interface IRegistryBridge {
    /// @param chain Chain id on which the peer's bridge stands.
    /// @param bridge Its address there.
    /// @param signer Who signs its messages and receipts.
    /// @param allowance Most grams of which the peer is the home that may be outstanding here.
    struct PeerTerms {
        string name;
        uint256 chain;
        address bridge;
        address signer;
        uint64 allowance;
    }

    /// @param sent Messages that went to this bridge.
    /// @param taken Messages from it that were imported or voided.
    struct PeerRecord {
        uint256 chain;
        address bridge;
        address signer;
        uint64 allowance;
        uint64 outstanding;
        uint64 sent;
        uint64 taken;
    }

    /// @param id Of the export, in the registry's one namespace of ids.
    /// @param target keccak256 of the name of the registry to which the credits go.
    /// @param to Account that gets them there.
    /// @param scope Text of the batch's scope. Only `move` asks for it, and not on the way home.
    struct SendOrder {
        uint256 id;
        uint256 batch;
        uint64 amount;
        bytes32 target;
        address to;
        string scope;
        uint64 hint;
    }

    /// @param source Registry that holds the credits locked, their home.
    /// @param lock Id of the lock there.
    /// @param start First gram, in the home's count.
    struct MirrorOrder {
        bytes32 source;
        uint256 lock;
        string scope;
        uint64 start;
        uint64 amount;
        uint16 vintage;
        address to;
        uint64 hint;
    }

    /// @notice Credits on their way, as the source's signer signs it.
    /// @dev EIP-712 domain: name "RegistryBridge", version "1", targetChain, targetBridge.
    /// @param id Of the export at the source.
    /// @param number Position among the messages from source to target, from 1; 0 of a move.
    /// @param home Registry that first issued the credits: the source, or on a return the target.
    /// @param exportId Of the export at home under which they are, or will be, outstanding.
    /// @param scope Text of the scope of the serials [start, end), in the home's count.
    /// @param deadline Last second at which it can be imported; 0 of a move.
    struct Message {
        bytes32 source;
        uint256 sourceChain;
        address sourceBridge;
        bytes32 target;
        uint256 targetChain;
        address targetBridge;
        uint256 id;
        uint64 number;
        bytes32 home;
        uint256 exportId;
        string scope;
        uint64 start;
        uint64 end;
        uint16 vintage;
        address to;
        uint64 deadline;
    }

    /// @notice What became of a message, as its target's signer signs it.
    /// @dev EIP-712 domain as of Message, with chain and bridge of the message's source.
    /// @param message Its messageHash.
    /// @param outcome 1 imported, 2 voided.
    struct Receipt {
        bytes32 message;
        uint8 outcome;
    }

    enum Outcome {
        None,
        Imported,
        Voided
    }

    /// @dev A move is Delivered at once.
    enum Status {
        None,
        Pending,
        Delivered,
        Compensated
    }

    /// @param target Where it went.
    /// @param number Of its message; 0 of a move.
    /// @param amount What left; what of it is outstanding still, the CarbonRegistry knows.
    /// @param message messageHash of its message; zero of a move.
    struct ExportRecord {
        Status status;
        bytes32 target;
        uint64 number;
        uint64 deadline;
        uint64 amount;
        bytes32 message;
    }

    /// @notice The bridge exchanges credits with `peer`, or does so on other terms from now on.
    event PeerAdmitted(
        bytes32 indexed peer,
        string name,
        uint256 chain,
        address bridge,
        address signer,
        uint64 allowance
    );

    /// @notice `holder` sent the serials [start, end) of `batch` to `target`, for `to`.
    /// @dev Follows the TransferSingle to zero. `deadline` and `number` are 0 of a move, which the
    /// target's CreditsImported or CreditsReturned follows. `mirrored`: given up for credits that
    /// `home` holds in lock `exportId`.
    event CreditsExported(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        bytes32 target,
        address to,
        uint64 amount,
        uint64 start,
        uint64 end,
        bytes32 home,
        uint256 exportId,
        uint64 deadline,
        uint64 number,
        bool mirrored
    );

    /// @notice Credits of `home` came in from `source` for `to`, as `batch`.
    /// @dev Follows the TransferSingle from zero. `number` is 0 without a message. `mirrored`: on
    /// the operators' word that `source` holds them in lock `exportId`.
    event CreditsImported(
        uint256 indexed batch,
        address indexed to,
        bytes32 indexed source,
        bytes32 home,
        uint256 exportId,
        uint64 number,
        string scope,
        uint64 start,
        uint64 end,
        uint16 vintage,
        bool mirrored
    );

    /// @notice Message `number` of `source` was past its deadline and will never be imported.
    event MessageVoided(
        bytes32 indexed source,
        uint64 number,
        bytes32 home,
        uint256 exportId,
        uint64 start,
        uint64 end
    );

    /// @notice [start, end) of export `exportId` came home from `source`, for `to`.
    /// @dev Follows the TransferSingle from zero. `number` is 0 of a move.
    event CreditsReturned(
        uint256 indexed exportId,
        uint256 indexed batch,
        address indexed to,
        bytes32 source,
        uint64 number,
        uint64 start,
        uint64 end
    );

    /// @notice Export `id` arrived at `target`.
    event ExportAcknowledged(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        bytes32 target,
        uint64 number
    );

    /// @notice Export `id` was given back to its holder, as `target` voided its message.
    /// @dev Follows the TransferSingle from zero. Once for each piece, of which there is one,
    /// unless parts came back before.
    event ExportCompensated(
        uint256 indexed id,
        uint256 indexed batch,
        address indexed holder,
        uint64 amount,
        uint64 start,
        uint64 end,
        bytes32 target,
        bytes32 home,
        uint256 exportId,
        uint64 number
    );

    /// @notice This bridge does not exchange credits with `peer`.
    error UnknownPeer(bytes32 peer);

    /// @notice `peer` is on another chain: credits go there by message.
    error PeerOnAnotherChain(bytes32 peer);

    /// @notice The deadline is after `latest`, 30 days from now.
    error DeadlineTooLate(uint64 deadline, uint64 latest);

    /// @notice The batch came from `home` and can only return there.
    error NotHome(uint256 batch, bytes32 home);

    /// @notice The batch stands for credits locked elsewhere: it can be given up, not sent.
    error MirrorOnly(uint256 batch);

    /// @notice The batch does not stand for credits locked elsewhere.
    error NotMirrored(uint256 batch);

    /// @notice The message is for the registry `target`.
    error MessageForAnotherRegistry(bytes32 target);

    /// @notice The message is for a bridge on `chain`.
    error MessageForAnotherChain(uint256 chain);

    /// @notice The message is for the contract `bridge`.
    error MessageForAnotherBridge(address bridge);

    /// @notice `peer` did not sign this about export `id`.
    error NotAttested(bytes32 peer, uint256 id);

    /// @notice Message `number` of `peer` was imported or voided before.
    error MessageAlreadyUsed(bytes32 peer, uint64 number);

    /// @notice The next message of `peer` is its message `expected`.
    error MessageOutOfOrder(bytes32 peer, uint64 expected, uint64 number);

    /// @notice The message is past its deadline: it can only be voided.
    error MessageExpired(bytes32 peer, uint64 number, uint64 deadline);

    /// @notice The message can still be imported.
    error MessageNotExpired(bytes32 peer, uint64 number, uint64 deadline);

    /// @notice With `amount` more than `allowance` of `home` would be outstanding here.
    error AboveAllowance(
        bytes32 home,
        uint64 allowance,
        uint64 outstanding,
        uint64 amount
    );

    /// @notice The interval meets [start, end), which is outstanding here: the lowest such.
    error IntervalAlreadyHere(bytes32 scope, uint64 start, uint64 end);

    /// @notice No export under this id waits for its target's receipt.
    error NoPendingExport(uint256 id);

    /// @notice Exchanges credits with a peer from now on; again: on other terms.
    /// @dev Operator only. What is outstanding stays as it is. With another chain, bridge or
    /// signer, what the former one signed does not count any more. Messages are counted between
    /// two bridges: with another chain or bridge from 1, unless that one was admitted before.
    /// A chain id above 96 bits is none.
    /// @dev Reverts: NotAuthorised, UnknownPeer (the registry itself, or no bridge),
    /// AmountTooLarge.
    function admitPeer(PeerTerms calldata terms) external;

    /// @notice Sends credits of the caller to `order.target` by message.
    /// @param deadline Last second at which they can be imported there, at most 30 days from now.
    /// @dev Keeps C1 and C4: active to exported, one interval. The message is all in
    /// CreditsExported, but for the scope's text and the vintage, which are the batch's.
    /// @dev Reverts: UnknownPeer, DeadlineTooEarly, DeadlineTooLate, MirrorOnly, NotHome, then
    /// ICarbonRegistry.exportCredits, StaleHint.
    /// @dev Does not check that `order.to` has an account at the target. A message that cannot be
    /// imported holds up those behind it until it can be voided: for 30 days at most.
    function send(SendOrder calldata order, uint64 deadline) external;

    /// @notice Moves credits of the caller to `order.target` on this chain, in one step.
    /// @dev Reverts: UnknownPeer, PeerOnAnotherChain, MirrorOnly, NotHome, then
    /// ICarbonRegistry.exportCredits, UnknownBatch (another scope), StaleHint, then as arrive at
    /// the target.
    function move(SendOrder calldata order) external;

    /// @notice Takes in what the calling bridge, a peer's on this chain, moved here.
    /// @dev Reverts: UnknownPeer, MessageForAnotherRegistry, MessageForAnotherChain,
    /// MessageForAnotherBridge, then as receiveMessage from EnforcedPause on, ZeroAmount and
    /// AmountTooLarge right after it. The message's number and deadline do not count.
    function arrive(Message calldata message, uint64 hint) external;

    /// @notice Imports what a message brings, or takes it back if it comes home.
    /// @dev Order: UnknownPeer to MessageExpired is asked here, EnforcedPause to TextTooLong by
    /// ICarbonRegistry.
    /// @dev Reverts: UnknownPeer, MessageForAnotherRegistry, MessageForAnotherChain,
    /// MessageForAnotherBridge, NotAttested, ZeroAmount, AmountTooLarge, MessageAlreadyUsed,
    /// MessageOutOfOrder, MessageExpired, EnforcedPause; an import then UnknownAccount,
    /// ClosedAccount, TextTooLong, UnknownPeer (of home), AboveAllowance, StaleHint,
    /// IntervalAlreadyHere; a return then UnknownAccount, ClosedAccount, NotOutstanding,
    /// TooFragmented; both at last ERC1155InvalidReceiver.
    function receiveMessage(
        Message calldata message,
        bytes calldata signature,
        uint64 hint
    ) external;

    /// @notice Sees to it that a message past its deadline is never imported.
    /// @dev Counts as taking it. Not stopped by pause.
    /// @dev Reverts: UnknownPeer, MessageForAnotherRegistry, MessageForAnotherChain,
    /// MessageForAnotherBridge, NotAttested, ZeroAmount, AmountTooLarge, MessageAlreadyUsed,
    /// MessageOutOfOrder, MessageNotExpired.
    function voidMessage(Message calldata message, bytes calldata signature) external;

    /// @notice Notes that export `id` arrived, by a receipt that its target signed.
    /// @dev Reverts: NoPendingExport, NotAttested.
    function acknowledge(uint256 id, bytes calldata signature) external;

    /// @notice Gives export `id` back to its holder, by its target's receipt that it never
    /// arrives.
    /// @dev Not stopped by pause, freeze, a closed account or the allowance. The holder, if a
    /// contract, is told but cannot refuse.
    /// @dev Reverts: NoPendingExport (also where all of it has come back by itself), NotAttested;
    /// for credits that were on their way home also StaleHint, IntervalAlreadyHere.
    function compensate(uint256 id, bytes calldata signature, uint64 hint) external;

    /// @notice Issues what stands for credits that are locked at their home.
    /// @dev Operator only.
    /// @dev Reverts: NotAuthorised, UnknownPeer, EnforcedPause, ZeroAmount, AmountTooLarge,
    /// UnknownAccount, ClosedAccount, TextTooLong, AboveAllowance, StaleHint,
    /// IntervalAlreadyHere, ERC1155InvalidReceiver.
    /// @dev Does not check that the lock exists, or is used once: the operators' word counts.
    function mirror(MirrorOrder calldata order) external;

    /// @notice Gives up credits of the caller that stand for locked ones, so that their home may
    /// release those.
    /// @dev Reverts: NotMirrored, then ICarbonRegistry.exportCredits, StaleHint.
    function unmirror(uint256 id, uint256 batch, uint64 amount, uint64 hint) external;

    /// @notice keccak256 of the registry's name.
    function self() external view returns (bytes32);

    /// @notice On what terms a peer was admitted, and what happened since; all 0 if it was not.
    function peerOf(bytes32 peer) external view returns (PeerRecord memory);

    /// @notice What is known of an export; Status.None if there is none under `id`.
    function exportOf(uint256 id) external view returns (ExportRecord memory);

    /// @notice What became of a message here; None too for one that was never shown.
    function outcomeOf(bytes32 message) external view returns (Outcome);

    /// @notice EIP-712's hash of a message without the domain: its name on every chain.
    function messageHash(Message calldata message) external pure returns (bytes32);

    /// @notice What the source's signer signs, whichever bridge is asked.
    function digestOf(Message calldata message) external pure returns (bytes32);

    /// @notice What the target's signer signs about a message that this bridge sent.
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);

    /// @notice Grams of `home` that were imported here and not sent back or given up.
    function outstandingOf(bytes32 home) external view returns (uint64);

    /// @notice Where an imported batch came from; all 0 for any other.
    function lotOf(
        uint256 batch
    ) external view returns (bytes32 home, uint256 exportId, bool mirrored);

    /// @notice Hint for importing from `start` in a scope, or compensating there. Walks without
    /// bound.
    function hintFor(bytes32 scope, uint64 start) external view returns (uint64);

    /// @notice Hint for sending `amount` of `batch` now. Walks without bound.
    function hintToSend(uint256 batch, uint64 amount) external view returns (uint64);

    /// @notice Number that the next message from `peer` must have.
    function nextNumberFrom(bytes32 peer) external view returns (uint64);

    /// @notice Number that the next message to `peer` will have.
    function nextNumberTo(bytes32 peer) external view returns (uint64);
}

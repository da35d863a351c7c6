"""Blocks that others published: what a node answered, and what is known of their makers. Facts, typed in.

Where each is from stands at it. Görli's and Rinkeby's first blocks are in every Ethereum client of their time.
"""

from __future__ import annotations

from typing import Any, Final

EMPTY_ROOT: Final = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
NO_UNCLES: Final = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
BFT_DIGEST: Final = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
ZERO: Final = "0x" + "00" * 32


def block(**said: Any) -> dict[str, Any]:
    """A block without transactions or logs, but for what is said of it."""
    return {
        "sha3Uncles": NO_UNCLES,
        "miner": "0x" + "00" * 20,
        "transactionsRoot": EMPTY_ROOT,
        "receiptsRoot": EMPTY_ROOT,
        "logsBloom": "0x" + "00" * 256,
        "difficulty": "0x1",
        "gasUsed": "0x0",
        "mixHash": ZERO,
        "nonce": "0x0000000000000000",
        "transactions": [],
        **said,
    }


def bloom(bytes_set: dict[int, int]) -> str:
    """A filter of logs, of which these bytes are not zero."""
    return "0x" + bytes(bytes_set.get(at, 0) for at in range(256)).hex()


# go-ethereum's core/genesis.go, DefaultGoerliGenesisBlock; the hash is its params.GoerliGenesisHash.
GOERLI_FIRST: Final = block(
    number="0x0",
    hash="0xbf7e331f7f7c1dd2e05159666b3bf8bc7a8a3a9eb1d518969eab529dd9b88c1a",
    parentHash=ZERO,
    stateRoot="0x5d6cded585e73c4e322c30c2f782a336316f17dd85a4863b9d838d2d4b8b3008",
    gasLimit="0xa00000",
    timestamp="0x5c51a607",
    extraData="0x22466c6578692069732061207468696e6722202d204166726900000000000000"
    "e0a2bd4258d2768837baa26a28fe71dc079f84c7" + "00" * 65,
)
GOERLI_SIGNERS: Final = ["0xe0a2bd4258d2768837baa26a28fe71dc079f84c7"]

# go-ethereum's core/genesis.go, DefaultRinkebyGenesisBlock; the hash is its params.RinkebyGenesisHash.
RINKEBY_FIRST_EXTRA: Final = (
    "0x52657370656374206d7920617574686f7269746168207e452e436172746d616e42eb768f2244c8811c63729a21a3569731535f06"
    "7ffc57839b00206d1ad20c69a1981b489f772031b279182d99e65703f0076e4812653aab85fca0f0" + "00" * 65
)
RINKEBY_SIGNERS: Final = [
    "0x42eb768f2244c8811c63729a21a3569731535f06",
    "0x7ffc57839b00206d1ad20c69a1981b489f772031",
    "0xb279182d99e65703f0076e4812653aab85fca0f0",
]

# Nethermind's SnapshotManager test: Rinkeby's block 269, sealed by the last of its signers.
RINKEBY_269: Final = block(
    number="0x10d",
    parentHash="0x6d31ab6b6ee360d075bb032a094fb4ea52617268b760d15b47aa439604583453",
    stateRoot="0x9853b6c62bd454466f4843b73e2f0bdd655a4e754c259d6cc0ad4e580d788f43",
    difficulty="0x2",
    gasLimit="0x47e7c4",
    timestamp="0x58ee558f",
    extraData="0xd783010600846765746887676f312e372e33856c696e75780000000000000000"
    "4e2b663c52c4c1ef0db29649f1f4addd93257f33d6fe0ae6bd365e63ac9aac4169e2b761aa245fabbf0302055f01b8b5391fa0a1"
    "34bab19710fd225ffac3afdf01",
)

# A notebook on Besu's block explorer for the Quorum quickstart: IBFT 2.0, its first block after genesis.
IBFT2_1: Final = block(
    number="0x1",
    hash="0x82b5c53704cea50223ce667621806f485ec1d9dbe9e4ea7f19c928aedb6f0dd8",
    parentHash="0x85a523687ebad98224e669ddf2c5474c0e97007871b4baaaa05a419381fc98ce",
    stateRoot="0x98840a790f4c7dc6781a49d346bea3ee8373558e5bb1dfff5e65b3de25827650",
    miner="0x93917cadbace5dfce132b991732c6cda9bcc5b8a",
    gasLimit="0xf7b760",
    timestamp="0x624316e6",
    mixHash=BFT_DIGEST,
    extraData="0xf90148a00000000000000000000000000000000000000000000000000000000000000000"
    "f8549427a97c9aaf04f18f3014c32e036dd0ac76da5f189493917cadbace5dfce132b991732c6cda9bcc5b8a"
    "9498c1334496614aed49d2e81526d089f7264fed9c94ce412f988377e31f4d0ff12d74df73b51c42d0ca808400000001"
    "f8c9b841f3e5877b8ef14758af6a2430135f9ccdf218bbf76c0191cc56682df11c74968d4f748cda97d4d6f28e2c1e01e340dfbf5abd"
    "48077a9354c75abd4190b8adad6200"
    "b8411870785d31aec2245faa3fcc21e6c211ac9b6c377b44072ca87169b74e778d891a1ece5e88d6be58669d14b4ffa0d4b532f40736"
    "84b1f6e944cdec8f20979da501"
    "b8416871a68c70a8ec1ed842aa1d8b1b2fbcb38b949de24c0201b3543f0b965cd5ce1eda6ea1216d517a7d3841a60c54c9089660979d"
    "3ba2c1a5b0fd975157c4a39701",
)
IBFT2_VALIDATORS: Final = [
    "0x27a97c9aaf04f18f3014c32e036dd0ac76da5f18",
    "0x93917cadbace5dfce132b991732c6cda9bcc5b8a",
    "0x98c1334496614aed49d2e81526d089f7264fed9c",
    "0xce412f988377e31f4d0ff12d74df73b51c42d0ca",
]

# firefly-signer's and evmconnect's tests (Kaleido, Apache-2.0): a QBFT block of one validator with two transactions.
QBFT_58866: Final = block(
    number="0xe5f2",
    hash="0xd33367228e0a0e3667c910c7d92d3f6e724e2b6e2f671b28823a22f82597d023",
    parentHash="0x78ec31452f053f75665033d4957b8b33283c55e1c7239dc5facbb684a866492e",
    stateRoot="0xaebe1ab7b242b261b1aced1a1ed729c3d6436634ff656efecad4609b38ee63a3",
    transactionsRoot="0x77c428651debcc42d181d9067386d807b204235ebb3e45dfa5f1e6e71c0b67de",
    receiptsRoot="0x0946e4baf57a46888aa1a78dc974a01a56bb221ae8d6ee381942695596f976ec",
    logsBloom=bloom(
        {
            27: 128,
            29: 1,
            32: 32,
            75: 8,
            97: 2,
            123: 16,
            125: 128,
            171: 32,
            172: 32,
            179: 2,
            180: 4,
            195: 2,
            202: 4,
            247: 64,
            248: 64,
        }
    ),
    miner="0xef5880ec6b859b6949d88ddbd6ec18e96d0f14aa",
    gasLimit="0x2fefd800",
    gasUsed="0x197b8",
    timestamp="0x6849f937",
    mixHash=BFT_DIGEST,
    baseFeePerGas="0x0",
    extraData="0xf87ea00000000000000000000000000000000000000000000000000000000000000000"
    "d594ef5880ec6b859b6949d88ddbd6ec18e96d0f14aac080f843b841"
    "0469b43f8d873e7b3c54c0d2a606a37af533994653f077b234a563f00723641a7ad56e6ba07d56fb38ec68bc9b6234d54fe62730f411"
    "18658a12c886fb783c3100",
    transactions=[
        "0x6431a7fc56e24319bb431ed3040d77d1a7b54add9207266c19df6fc53961da99",
        "0xa4dd8fc1be327a13c8f5be7b74331351c419fa8b908ff7277786270ebdf2a875",
    ],
)
# datachainlab's light client of QBFT, its test of committed seals: block 7528 of four validators, agreed in round 1.
QBFT_7528: Final = block(
    number="0x1d68",
    parentHash="0x0af93e70b1c6d3974a88a42eb70bb61adbd523bfac0c83027ba4637c52746a0f",
    stateRoot="0x166ed98eea93ab2b6f6b1a425526994adc2d675bf9a0d77d600ed1e02d8f77df",
    miner="0xee3353e587cfa91625a1adaef308a726de3803d3",
    gasLimit="0x47b760",
    timestamp="0x6640618b",
    mixHash=BFT_DIGEST,
    extraData="0xf90144a00000000000000000000000000000000000000000000000000000000000000000"
    "f85494647bfdd19655e51e69d35454ff3a92f8828e630294a5c8416b9d13417b45b45ada76408f39d1e504ef"
    "94b92e91f4dcc9d28503be521afa2a8fbf3c1acf6094ee3353e587cfa91625a1adaef308a726de3803d3c001"
    "f8c9b841bc7633fd65570f610a595086e9a34e5bf6aacfb67b8f8cd01852e6b285147f046a50577b49378b86723ac9b456ef59ef7ab5"
    "7cda7139d807f10f58e8cb10c67600"
    "b841ad1defc2b0b4a48158cff24778bb5ba4d9f373c171022ab0a42e37bdb0d4025718434d303a8d94df56ef9ad5219be9f27b2f6717"
    "9a7fb82d3323dde29546f9f701"
    "b841e233d3670dd97c715f72b440eeb1ccb1e22c8c23f6ab470c46c99c2d0ee6509f0341a42e0e4569782557e93c3815e8ca42940435"
    "95f69a90f73f135de8ecf41e00",
)
QBFT_7528_VALIDATORS: Final = [
    "0x647bfdd19655e51e69d35454ff3a92f8828e6302",
    "0xa5c8416b9d13417b45b45ada76408f39d1e504ef",
    "0xb92e91f4dcc9d28503be521afa2a8fbf3c1acf60",
    "0xee3353e587cfa91625a1adaef308a726de3803d3",
]
QBFT_7528_SEALED: Final = "75ea184f58cd3f0ef89032a069df01f07ec524ef3a85cf6d3e424d62130c0a32"
"""What its validators sealed, by that test: the hash of the header without their seals."""

# Besu's QbftExtraDataCodecTest: the known raw encoding, with a vote and two seals.
BESU_QBFT_EXTRA: Final = (
    "0xf8f0a00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20ea940000000000000000"
    "000000000000000000000001940000000000000000000000000000000000000002d7940000000000000000"
    "00000000000000000000000181ff83fedcbaf886b841000000000000000000000000000000000000000000"
    "0000000000000000000001000000000000000000000000000000000000000000000000000000000000000a"
    "00b841000000000000000000000000000000000000000000000000000000000000000a0000000000000000"
    "00000000000000000000000000000000000000000000000100"
)

# Besu's documentation, the sample genesis file of a QBFT network of four, and that of IBFT 2.0.
BESU_QBFT_GENESIS_EXTRA: Final = (
    "0xf87aa00000000000000000000000000000000000000000000000000000000000000000"
    "f8549464a702e6263b7297a96638cac6ae65e6541f4169943923390ad55e90c237593b3b0e401f3b08a0318594aefdb9a738c9f433e5"
    "b6b212a6d62f6370c2f69294c7eeb9a4e00ce683cf93039b212648e01c6c6b78c080c0"
)
BESU_QBFT_GENESIS_VALIDATORS: Final = [
    "0x64a702e6263b7297a96638cac6ae65e6541f4169",
    "0x3923390ad55e90c237593b3b0e401f3b08a03185",
    "0xaefdb9a738c9f433e5b6b212a6d62f6370c2f692",
    "0xc7eeb9a4e00ce683cf93039b212648e01c6c6b78",
]
BESU_IBFT2_GENESIS_EXTRA: Final = (
    "0xf83ea00000000000000000000000000000000000000000000000000000000000000000"
    "d594c2ab482b506de561668e07f04547232a72897daf808400000000c0"
)

# GoQuorum's core/types/istanbul_test.go, TestHeaderHash: four validators, an empty seal, no committed seals.
ISTANBUL_EXTRA: Final = (
    "0x" + "00" * 32 + "f89af8549444add0ec310f115a0e603b2d7db9f067778eaf8a94294fc7e8f22b3bcdcf955dd7ff3ba2ed833f8212"
    "946beaaed781d2d2ab6350f5c4566a2c6eaac407a6948be76812f765c24641ec63dc2852b378aba2b440b841" + "00" * 65 + "c0"
)
ISTANBUL_VALIDATORS: Final = [
    "0x44add0ec310f115a0e603b2d7db9f067778eaf8a",
    "0x294fc7e8f22b3bcdcf955dd7ff3ba2ed833f8212",
    "0x6beaaed781d2d2ab6350f5c4566a2c6eaac407a6",
    "0x8be76812f765c24641ec63dc2852b378aba2b440",
]

# Darwinia's bsc-primitives test: an epoch's first block of BNB Smart Chain before its Luban fork (Parlia), 0x7594c8.
PARLIA_EXTRA: Final = (
    "0xd883010100846765746888676f312e31352e35856c696e7578000000fc3ca6b7"
    "2465176c461afb316ebc773c61faee85a6515daa295e26495cef6f69dfa69911d9d8e4f3bbadb89b29a97c6effb8a411dabc6adeefaa84f5"
    "067c8bbe2d4c407bbe49438ed859fe965b140dcf1aab71a93f349bbafec1551819b8be1efea2fc46ca749aa14430b3230294d12c6ab2aac5"
    "c2cd68e80b16b581685b1ded8013785d6623cc18d214320b6bb6475970f657164e5b75689b64b7fd1fa275f334f28e1872b61c6014342d91"
    "4470ec7ac2975be345796c2b7ae2f5b9e386cd1b50a4550696d957cb4900f03a8b6c8fd93d6f4cea42bbb345dbc6f0dfdb5bec739bb83225"
    "4baf4e8b4cc26bd2b52b31389b56e98b9f8ccdafcc39f3c7d6ebf637c9151673cbc36b88a6f79b60359f141df90a0c745125b131caaffd12"
    "b8f7166496996a7da21cf1f1b04d9b3e26a3d077be807dddb074639cd9fa61b47676c064fc50d62cce2fd7544e0b2cc94692d4a704debef7"
    "bcb61328e2d3a739effcd3a99387d015e260eefac72ebea1e9ae3261a475a27bb1028f140bc2a7c843318afdea0a6e3c511bbd10f4519ece"
    "37dc24887e11b55dee226379db83cffc681495730c11fdde79ba4c0c0670403d7dfc4c816a313885fe04b850f96f27b2e9fd88b147c882ad"
    "7caf9b964abfe6543625fcca73b56fe29d3046831574b0681d52bf5383d6f2187b6276c100"
)

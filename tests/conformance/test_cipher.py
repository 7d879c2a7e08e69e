"""Padding, AES-CBC and bzip2."""
import pytest

from compare import both, both_refuse, some

LENGTHS = (0, 1, 15, 16, 17, 31, 32, 500)


def test_padding(ours, theirs):
    for length in LENGTHS:
        data = some(length)
        padded = both(ours, theirs, "pkcs7_pad", data=data)["padded"]
        assert both(ours, theirs, "pkcs7_unpad", data=padded)["unpadded"] == data


@pytest.mark.parametrize("last", [0, 1, 5, 15, 16])
def test_unpadding_looks_at_the_last_byte_alone(ours, theirs, last):
    both(ours, theirs, "pkcs7_unpad", data="aa" * 15 + f"{last:02x}")


@pytest.mark.parametrize("data", ["", "aa" * 15 + "11", "aa" * 15 + "ff"])
def test_wrong_padding(ours, theirs, data):
    both_refuse(ours, theirs, "pkcs7_unpad", data=data)


@pytest.mark.parametrize("mode, key_size", [("AES_128_CBC", 16), ("AES_256_CBC", 32)])
def test_aes_with_padding(ours, theirs, mode, key_size):
    for length in LENGTHS:
        request = {"key": some(key_size), "iv": some(16), "mode": mode}
        plaintext = some(length)
        ciphertext = both(ours, theirs, "aes_encrypt", plaintext=plaintext, **request)["ciphertext"]
        assert both(ours, theirs, "aes_decrypt", ciphertext=ciphertext, **request) == {
            "plaintext": plaintext}


def test_aes_is_256_unless_said_otherwise(ours, theirs):
    both(ours, theirs, "aes_encrypt", plaintext=some(5), key=some(32), iv=some(16))
    both_refuse(ours, theirs, "aes_encrypt", plaintext=some(5), key=some(16), iv=some(16))
    both_refuse(ours, theirs, "aes_encrypt", plaintext="", key=some(16), iv=some(16), mode="AES")


def test_aes_that_does_not_decrypt(ours, theirs):
    for length in (0, 15, 17):
        both_refuse(ours, theirs, "aes_decrypt", ciphertext=some(length), key=some(32), iv=some(16))


def test_aes_without_padding(ours, theirs):
    for length in (0, 16, 48):
        request = {"key": some(32), "iv": some(16)}
        plaintext = some(length)
        ciphertext = both(ours, theirs, "aes_256_cbc_encrypt", plaintext=plaintext,
                          **request)["ciphertext"]
        assert len(ciphertext) == len(plaintext)
        assert both(ours, theirs, "aes_256_cbc_decrypt", ciphertext=ciphertext, **request) == {
            "plaintext": plaintext}


@pytest.mark.parametrize("text, key, iv", [(16, 16, 16), (16, 31, 16), (16, 32, 15), (16, 32, 17),
                                           (15, 32, 16)])
def test_aes_without_padding_wants_whole_blocks_and_its_sizes(ours, theirs, text, key, iv):
    both_refuse(ours, theirs, "aes_256_cbc_encrypt", plaintext=some(text), key=some(key),
                iv=some(iv))
    both_refuse(ours, theirs, "aes_256_cbc_decrypt", ciphertext=some(text), key=some(key),
                iv=some(iv))


@pytest.mark.parametrize("pattern, times", [("", 1), ("00", 1), ("c0ffee", 1000), (None, 3000),
                                            ("ab", 1000000)])
def test_bzip2_of_one_is_unpacked_by_the_other(ours, theirs, pattern, times):
    data = some(times) if pattern is None else pattern * times
    packed = {bridge: bridge.call("bz2_compress", data=data) for bridge in (ours, theirs)}
    for result in packed.values():
        assert both(ours, theirs, "bz2_decompress", compressed=result["compressed"]) == {
            "decompressed": data, "size": len(data) // 2}
        assert result["original_size"] == len(data) // 2
        assert result["compressed_size"] == len(result["compressed"]) // 2
    assert ours.call("bz2_compress", data=data).keys() == packed[theirs].keys()


def test_what_is_no_bzip2(ours, theirs):
    packed = theirs.call("bz2_compress", data=some(500))["compressed"]
    middle = len(packed) // 4 * 2
    changed = packed[:middle] + f"{int(packed[middle:middle + 2], 16) ^ 1:02x}" + packed[middle + 2:]
    for damaged in (some(100), packed[:-20], changed, "425a68"):
        both_refuse(ours, theirs, "bz2_decompress", compressed=damaged)

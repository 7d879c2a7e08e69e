#!/usr/bin/env bash
# Fetches the source packages that the microcontroller's providers are built from, with Debian's
# patches, into FOLDER: tools/debian_sources.sh FOLDER. Needs no root and leaves the system's apt
# alone; what is there already is not fetched again. apt checks what it fetches against the archive's
# signature, and the upstream sources must be those that the provider was written for.
set -eu -o pipefail
suite=bookworm
packages="libsodium bearssl bzip2"
upstream="d59323c6b712a1519a5daf710b68f5e7fde57040845ffec53850911f10a5d4f4  libsodium_1.0.18.orig.tar.gz
102a625bd8f6155260867a50c508df8d8c3f796985dd744df1a68e5cd1a79004  bearssl_0.6+dfsg.1.orig.tar.xz
ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269  bzip2_1.0.8.orig.tar.gz"

mkdir -p "${1:?folder}"
cd "$1"
[ "$(cat complete 2>/dev/null)" != "$upstream" ] || exit 0
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || { echo "Please install debian-archive-keyring" >&2 && exit 1; }
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1 || :)
[ -n "$mirror" ] || { echo "The system's apt knows no mirror of Debian" >&2 && exit 1; }

rm -rf apt complete libsodium bearssl bzip2
mkdir -p apt/lists/partial apt/cache/archives/partial
echo "deb-src [signed-by=$keyring] $mirror $suite main" >apt/sources.list
options=(-q -o "Dir::Etc::SourceList=$PWD/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt/cache")
[ "$(id -u)" -ne 0 ] || options+=(-o APT::Sandbox::User=root)
apt-get "${options[@]}" update
# shellcheck disable=SC2086 # a list of words
apt-get "${options[@]}" source --download-only $packages
echo "$upstream" | sha256sum --check --strict
for package in $packages; do
    dpkg-source --no-copy -x "$package"_*.dsc "$package"
done
rm -rf apt
echo "$upstream" >complete

"""What the tools of ESP-IDF, Zephyr, Arduino and PlatformIO read of the packages."""
import csv
import json
import pathlib

import kconfiglib
import yaml
from idf_component_tools.manager import ManifestManager

ROOT = pathlib.Path(__file__).resolve().parents[2]
ESP, ZEPHYR = ROOT / "ports/esp-idf", ROOT / "ports/zephyr"


def kconfig(path, *symbols):
    parsed = kconfiglib.Kconfig(str(path), warn_to_stderr=True)
    assert not parsed.warnings, parsed.warnings
    for symbol in symbols:
        assert symbol in parsed.syms, f"{path}: no {symbol}"
    return parsed


def main():
    manifest = ManifestManager(str(ESP / "reticule"), "reticule").load()
    assert str(manifest.version) == "0.1.0"
    parts = [f"RETICULE_WITH_{part}" for part in ("TRANSPORT", "CHANNELS", "RESOURCES")]
    kconfig(ESP / "reticule/Kconfig", *parts, "RETICULE_BITRATE", "RETICULE_LINES", "RETICULE_PARTITION")
    kconfig(ZEPHYR / "Kconfig", *parts, "RETICULE", "RETICULE_FIRMWARE", "RETICULE_EXTERNAL_RAM")
    module = yaml.safe_load((ROOT / "zephyr/module.yml").read_text())
    assert (ROOT / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    assert (ROOT / module["build"]["kconfig"]).is_file()
    library = json.loads((ROOT / "ports/arduino/library.json").read_text())
    properties = dict(line.split("=", 1) for line in (ROOT / "ports/arduino/library.properties").read_text().splitlines())
    assert library["name"] == properties["name"] and library["version"] == properties["version"] == str(manifest.version)
    assert {"author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"} <= set(properties)
    rows = [row for row in csv.reader((ESP / "example/partitions.csv").open()) if not row[0].startswith("#")]
    assert ["reticule"] == [row[0] for row in rows if row[1].strip() == "data" and row[2].strip() == "0x40"]


main()

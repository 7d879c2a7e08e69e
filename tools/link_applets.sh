#!/bin/sh
# Makes a link beside the multi-call binary for each applet that is a program of its own.
# usage: link_applets.sh PATH/reticule
set -eu
folder=$(dirname "$1")
applets=$("$1" --list)
echo "$applets" | while read -r applet _; do
    case $applet in
    rn* | lx*) ln -sf reticule "$folder/$applet" ;; # others (demo) are only a first argument
    esac
done

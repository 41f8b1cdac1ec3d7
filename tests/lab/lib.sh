# shellcheck shell=bash
# The lab: a few machines on one, real daemons, and `kb` as a person types it. Sourced by scenarios.
#
#   source "$(dirname "$0")/../lib.sh"
#   lab bird2 ...                # Debian's packages; from here on the script runs in a world of its own
#   real "..."; stand_in "..."   # what is what, said at the end
#   node router-a                # a machine: network, host name, /run, /tmp, /root, /var/log of its own
#   link router-a va router-b vb # a cable
#   sshd router-a                # the way in: `--on router=router-a`
#   daemon router-a bird bird -f
#   until_true 15 "a neighbour" on router-a ...
#   story "What happens now."
#   at desk 'kb match a.log'     # typed, shown, kept in $output and $status
#   at_terminal desk 'kb run 1 --on router=router-a' 'Run its checks' y 'Run it on' y
#   says 'text'; lacks 'text'; ends_with 0
#
# The world is made of namespaces (processes, mounts, network, host name) that end with the script, and
# with them all that was started, made and mounted in it, whatever happens. So names need not be unique,
# several labs run side by side, and nothing on the machine is changed but the packages that are installed.

set -Eeuo pipefail

LAB=/mnt/lab
# Where kb and a person sit. The other machines are reached from here by ssh.
DESK=desk
# The network between desk and machines; it is in no routing protocol.
MANAGEMENT=198.18.0
# So many seconds a command that is typed may take.
PATIENCE=100
declare -A NODES=() DAEMONS=()
output='' status=0

# --- the script's own end ---------------------------------------------------------------------------

LATER=()

# later COMMAND...: done at the end, last first, however it comes.
later() { LATER+=("$(printf '%q ' "$@")"); }

# Set by `finish`: what ends without it has not passed.
finished=no

clean_up() {
    local ended=$? i
    trap - ERR
    for ((i = ${#LATER[@]} - 1; i >= 0; i--)); do eval "${LATER[i]}" || :; done
    if [ "$ended" = 0 ] && [ "$finished" = no ]; then
        echo "FAILED: the scenario ended without \`finish\`" >&2
        ended=1
    fi
    exit "$ended"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# skip WHY: status 77; with CI set nothing is skipped.
skip() {
    if [ -n "${CI:-}" ]; then
        echo "FAILED: it cannot be played here, and with CI set nothing is skipped: $*" >&2
        exit 1
    fi
    echo "SKIPPED: $*" >&2
    exit 77
}

# fail WHAT: ends the scenario, with the last words of every daemon.
fail() {
    trap - ERR
    local at=1 file
    while [ "${BASH_SOURCE[at]##*/}" = lib.sh ]; do at=$((at + 1)); done
    {
        printf '\nFAILED: %s\n' "$*"
        printf '  at %s:%s\n' "${BASH_SOURCE[at]#"$LAB"/}" "${BASH_LINENO[at - 1]}"
        for file in "$LAB"/log/*; do
            [ -s "$file" ] || continue
            printf '\n--- %s, its last lines\n' "${file##*/}"
            tail -n 15 "$file"
        done
    } >&2
    exit 1
}

# --- the world --------------------------------------------------------------------------------------

# lab PACKAGE...: installs them, and goes on in a world of its own.
lab() {
    if [ "$$" = 1 ] && [ -d "$LAB/log" ]; then
        trap 'fail "status $? of: $BASH_COMMAND"' ERR
        open_desk
        return
    fi
    [ "$(id -u)" = 0 ] || skip "it needs root"
    local repo
    repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    install_packages iproute2 util-linux python3 openssh-server openssh-client "$@"
    local kb=${KB:-}
    if [ -z "$kb" ]; then
        # Waited for in the background: a signal is not kept waiting by a compiler.
        (cd "$repo" && exec cargo build --quiet --locked --bin kb) &
        later kill $!
        wait $!
        LATER=("${LATER[@]::${#LATER[@]}-1}")
        kb=${CARGO_TARGET_DIR:-$repo/target}/debug/kb
    fi
    local world=(unshare --net --mount --propagation private --uts --ipc --pid --fork --kill-child --mount-proc)
    "${world[@]}" true 2>/dev/null || skip "no namespaces can be made here"
    # Should this script be killed, so is the world.
    setpriv --pdeathsig KILL "${world[@]}" bash -c 'source "$1"; shift; make_world "$@"' \
        world "$repo/tests/lab/lib.sh" "$repo" "$(realpath "$kb")" "$(basename "$(dirname "$0")")" <&0 &
    later kill -KILL $!
    local ended=0
    wait $! || ended=$?
    LATER=() finished=inside
    exit "$ended"
}

# What every machine has for itself, the desk too.
ROOMS=(/run /tmp /var/tmp /var/log /root)

# make_world REPOSITORY KB NAME: the mounts of the world; the scenario goes on in it as process 1.
make_world() {
    mount -t tmpfs -o mode=755 tmpfs /mnt
    mkdir -p $LAB/log $LAB/bin $LAB/tests
    mount --bind "$1/tests" $LAB/tests
    touch $LAB/bin/kb
    mount --bind "$2" $LAB/bin/kb
    make_rooms
    hostname $DESK
    cd /root
    exec env -i PATH="$LAB/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root \
        LC_ALL=C.UTF-8 TZ=UTC ${CI:+CI="$CI"} bash "$LAB/tests/lab/$3/scenario"
}

make_rooms() {
    local room
    for room in "${ROOMS[@]}"; do mount -t tmpfs -o mode=755 tmpfs "$room"; done
    chmod 1777 /tmp /var/tmp
    mkdir -p /run/sshd /run/lock
}

open_desk() {
    ip link set lo up
    ip link add management type bridge
    ip link set management up
    ip addr add $MANAGEMENT.1/24 dev management
    mkdir -m 700 /root/.ssh
    ssh-keygen -q -t ed25519 -N '' -C root@$DESK -f /root/.ssh/id_ed25519
    later end_daemons
}

# install_packages PACKAGE...: those that are missing, starting no daemon.
install_packages() {
    local missing=() package lock try
    for package; do
        [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || skip "it needs Debian's packages ${missing[*]}, and there is no apt-get"
    # Labs that run side by side take turns with the file that keeps daemons from starting.
    exec {lock}>/run/lock/kb-lab.lock
    flock "$lock"
    forbid_daemons
    local get=(env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -o DPkg::Lock::Timeout=300)
    local install=("${get[@]}" install --yes --no-install-recommends "${missing[@]}")
    if ! "${install[@]}" >/dev/null 2>&1; then
        # The lists have a lock that apt does not wait for.
        for try in 1 2 3 4 5 6; do
            "${get[@]}" update >/dev/null 2>&1 && break
            sleep "$try"
        done
        local said
        said=$("${install[@]}" 2>&1) || skip "apt-get cannot install ${missing[*]}: ${said##*$'\n'}"
    fi
    allow_daemons
    exec {lock}>&-
}

POLICY=/usr/sbin/policy-rc.d

# Debian's way: nothing is started while this says 101. One that was there is put back.
forbid_daemons() {
    if [ -e $POLICY ] && ! grep -q 'kb lab' $POLICY; then mv $POLICY $POLICY.kb-lab; fi
    printf '#!/bin/sh\n# kb lab\nexit 101\n' >$POLICY
    chmod 755 $POLICY
    later allow_daemons
}

allow_daemons() {
    if [ -e $POLICY.kb-lab ]; then
        mv $POLICY.kb-lab $POLICY
    elif grep -q 'kb lab' $POLICY 2>/dev/null; then
        rm $POLICY
    fi
}

# --- machines ---------------------------------------------------------------------------------------

# node NAME [DIR...]: a machine with rooms of its own; each DIR becomes one more, empty.
node() {
    local name=$1 number=$((${#NODES[@]} + 2))
    shift
    ROOMS+=(/usr/local/bin "$@")
    # shellcheck disable=SC2016
    unshare --net --mount --propagation private --uts --ipc bash -c '
        source "$1"; name=$2; shift 2; ROOMS=("$@"); make_rooms; hostname "$name"; cd /root
        touch "$LAB/$name.is-up"; exec sleep infinity' node "${BASH_SOURCE[0]}" "$name" "${ROOMS[@]}" &
    NODES[$name]=$!
    ROOMS=("${ROOMS[@]:0:5}")
    until_true 10 "the machine $name" test -e "$LAB/$name.is-up"
    ip link add "to-$number" type veth peer name management netns "${NODES[$name]}"
    ip link set "to-$number" master management up
    on "$name" sh -c "ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/management/disable_ipv6
        ip addr add $MANAGEMENT.$number/24 dev management; ip link set management up"
    printf 'Host %s\n  HostName %s\n' "$name" "$MANAGEMENT.$number" >>/root/.ssh/config
}

# link NODE INTERFACE NODE INTERFACE: a cable between two machines.
link() {
    on "$1" ip link add "$2" type veth peer name "$4" netns "${NODES[$3]}"
    on "$1" ip link set "$2" up
    on "$3" ip link set "$4" up
}

# on NODE COMMAND...: without a word about it.
on() { (become "$@"); }

# become NODE COMMAND...: this process becomes that command there.
become() {
    local name=$1
    shift
    [ "$name" != $DESK ] || exec "$@"
    exec nsenter --target "${NODES[$name]:?"no machine $name"}" --net --mount --uts --ipc env -C /root "$@"
}

# write NODE FILE: from standard input.
write() { on "$1" sh -c 'mkdir -p "$(dirname "$1")" && cat >"$1"' write "$2"; }

# daemon NODE NAME COMMAND...: goes on in the background; what it says is in $LAB/log/NODE.NAME.
daemon() {
    local node=$1 name=$2
    shift 2
    become "$node" "$@" >>"$LAB/log/$node.$name" 2>&1 </dev/null &
    DAEMONS[$node/$name]=$!
}

# stop NODE NAME [SIGNAL]: ends a daemon and waits for it.
stop() {
    local pid=${DAEMONS[$1/$2]:?"no daemon $2 on $1"}
    unset "DAEMONS[$1/$2]"
    kill "-${3:-TERM}" "$pid" 2>/dev/null || :
    until_true 10 "the end of $2 on $1" gone "$pid"
}

gone() { ! kill -0 "$1" 2>/dev/null; }

end_daemons() {
    local each
    for each in "${!DAEMONS[@]}"; do kill "${DAEMONS[$each]}" 2>/dev/null || :; done
}

# sshd NODE [LINE...]: lets the desk log in by its key; each LINE is one more of the configuration.
sshd() {
    local node=$1 number
    shift
    number=$(on "$node" ip -o -4 addr show dev management | sed -E 's/.*inet ([0-9.]+).*/\1/')
    on "$node" ssh-keygen -q -t ed25519 -N '' -C "root@$node" -f /root/host_key
    write "$node" /root/sshd_config <<-END
		ListenAddress $number
		HostKey /root/host_key
		PidFile none
		UsePAM no
		StrictModes no
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		AuthorizedKeysFile /root/authorized_keys
		PrintMotd no
		LogLevel ERROR
		PrintLastLog no
		Subsystem sftp internal-sftp
	END
    printf '%s\n' "$@" | on "$node" sh -c 'cat >>/root/sshd_config'
    write "$node" /root/authorized_keys </root/.ssh/id_ed25519.pub
    daemon "$node" sshd /usr/sbin/sshd -D -e -f /root/sshd_config
    printf '%s %s\n' "$number" "$(on "$node" cat /root/host_key.pub)" >>/root/.ssh/known_hosts
    until_true 10 "sshd on $node" on "$node" sh -c "ss -Hltn 'sport = :22' | grep -q ."
}

# stands_in NODE NAME FILE: puts an executable of the repository's tests into the machine's PATH.
stands_in() { on "$1" install -m 755 "$LAB/tests/$3" "/usr/local/bin/$2"; }

# --- time -------------------------------------------------------------------------------------------

# holds COMMAND...: whether it succeeds; quiet.
holds() { "$@" >/dev/null 2>&1; }

# shows TEXT COMMAND...: whether the command says that. (`| grep -q` fails now and then: it may end the
# command before that is done, and under `pipefail` that counts.)
shows() { [[ "$("${@:2}" 2>&1)" == *"$1"* ]]; }

# until_true SECONDS WHAT COMMAND...: waits until the command succeeds, and not for a daemon that is gone.
until_true() {
    local within=$1 what=$2 end=$((SECONDS + $1)) daemon
    shift 2
    until holds "$@"; do
        [ $SECONDS -le $end ] || fail "waited $within s for $what"
        for daemon in "${!DAEMONS[@]}"; do
            ! gone "${DAEMONS[$daemon]}" || fail "${daemon#*/} on ${daemon%/*} has ended by itself"
        done
        sleep 0.1
    done
}

# --- what is seen -----------------------------------------------------------------------------------

# story TEXT...: a paragraph of the transcript.
story() { printf '\n## %s\n\n' "$*"; }

typed() { become "$1" timeout -s KILL $PATIENCE sh -c "$2" </dev/null; }

declare -A MEANWHILE=()

# meanwhile NODE 'COMMAND': begins now what a later `at` with the same words shows.
meanwhile() {
    (typed "$1" "$2" >"$LAB/meanwhile.$BASHPID" 2>&1) &
    MEANWHILE["$1 $2"]=$!
}

# at NODE 'COMMAND': as a person types it there; both streams, in $output, the end in $status.
at() {
    printf 'root@%s:~# %s\n' "$1" "$2"
    status=0
    if [ -n "${MEANWHILE["$1 $2"]:-}" ]; then
        wait "${MEANWHILE["$1 $2"]}" || status=$?
        output=$(cat "$LAB/meanwhile.${MEANWHILE["$1 $2"]}")
        MEANWHILE["$1 $2"]=''
    else
        output=$(typed "$1" "$2" 2>&1) || status=$?
    fi
    [ -z "$output" ] || printf '%s\n' "$output"
    [ "$status" != 137 ] || fail "the last command took longer than $PATIENCE s"
}

# at_terminal NODE 'COMMAND' [QUESTION ANSWER]...: the same in a terminal, where it can ask.
at_terminal() {
    printf 'root@%s:~# %s\n' "$1" "$2"
    status=0
    output=$(on "$1" python3 "$LAB/tests/lab/terminal" "${@:2}" 2>&1 </dev/null) || status=$?
    [ -z "$output" ] || printf '%s\n' "$output"
    [ "$status" != 99 ] || fail "the session in a terminal did not go as it should"
}

# says TEXT...: each is in the output of the last command, blanks and line ends aside.
says() {
    local text
    for text; do
        [[ "$(folded "$output")" == *"$(folded "$text")"* ]] || fail "the last command does not say \`$text\`"
    done
}

# lacks TEXT...: none is in it.
lacks() {
    local text
    for text; do
        [[ "$(folded "$output")" != *"$(folded "$text")"* ]] || fail "the last command says \`$text\`"
    done
}

folded() { tr -s '[:space:]' ' ' <<<"$1" | sed 's/ $//'; }

# ends_with STATUS: how the last command ended.
ends_with() { [ "$status" = "$1" ] || fail "the last command ended with $status, not with $1"; }

# --- honesty ----------------------------------------------------------------------------------------

REAL=() STAND_INS=()
real() { REAL+=("$@"); }
stand_in() { STAND_INS+=("$@"); }

# finish: the last line of a scenario.
finish() {
    story "What was real"
    printf 'real: %s\n' "${REAL[@]}"
    [ ${#STAND_INS[@]} = 0 ] || printf 'stand-in: %s\n' "${STAND_INS[@]}"
    printf 'passed in %s s\n' $SECONDS
    finished=yes
}

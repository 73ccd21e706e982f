# Sourced by the scripts of the engines, which set $python (one that has the engine's adapter) and $work (a folder to be thrown
# away): build the demo company on a target of profiles.yml, with all unit tests and data tests, then on DuckDB without.
dbt() { "$python" -c "from dbt.cli.main import cli; cli(prog_name='dbt')" "$@"; }

build_both() { # the target, its name for people
    local places=(--quiet --no-use-colors --target-path "$work/target" --log-path "$work/logs")
    dbt build --target "$1" "${places[@]}"
    "$python" - "$work/target/run_results.json" "$2" << 'END'
import collections, json, sys
kinds = collections.Counter(
    r["unique_id"].split(".")[0] for r in json.load(open(sys.argv[1]))["results"] if r["status"] in ("success", "pass")
)
print(f"{sys.argv[2]}: {kinds['model']} models, {kinds['unit_test']} unit tests and {kinds['test']} data tests passed")
END
    dbt build "${places[@]}" --exclude-resource-type unit_test test
}

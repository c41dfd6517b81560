"""What a release rests on: one version, workflows without secrets, templates, built files."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from mara_minimax import __version__
from mara_minimax.__main__ import main as command
from release import answer, check, contents, tag

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
WORKFLOWS = {path.name: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
TEMPLATES = {
    path.name: yaml.safe_load(path.read_text("utf-8"))
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
}
OWN_EXTRAS = {"demo", "dev", "docs", "ecosystem", "examples", "network", "notebook", "ray"}
"""For this repository's own commands, which are tried by running those."""


def parsed(name: str) -> dict:
    return yaml.safe_load(WORKFLOWS[name].read_text("utf-8"))


def steps(name: str) -> list[dict]:
    return [step for job in parsed(name)["jobs"].values() for step in job["steps"]]


class TestVersion:
    def test_it_stands_in_one_place(self):
        assert PROJECT["project"]["dynamic"] == ["readme", "version"]
        assert PROJECT["tool"]["hatch"]["version"]["path"] == "mara_minimax/_version.py"
        packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        sources = [path for package in packages for path in (ROOT / package).rglob("*.py")]
        holding = [path.name for path in sources if f'"{__version__}"' in path.read_text("utf-8")]
        assert holding == ["_version.py"]

    def test_it_is_read_without_importing_the_package(self):
        assert tag.current_version() == __version__

    def test_a_tag_for_it_with_a_dated_section_can_be_released(self):
        changelog = "# Changelog\n\n## 1.2.3 (2026-12-01)\n"
        assert tag.faults("v1.2.3", "1.2.3", changelog) == []

    @pytest.mark.parametrize(
        ("name", "changelog", "fault"),
        [
            ("v1.2.4", "## 1.2.3 (2026-12-01)\n", "not v1.2.3"),
            ("1.2.3", "## 1.2.3 (2026-12-01)\n", "not v1.2.3"),
            ("v1.2.3", "## 1.2.2 (2026-12-01)\n", "no section"),
            ("v1.2.3", "## 1.2.3 (unreleased)\n", "unreleased"),
        ],
    )
    def test_another_tag_or_changelog_cannot(self, name, changelog, fault):
        (found,) = tag.faults(name, "1.2.3", changelog)
        assert fault in found

    def test_a_page_that_knows_the_package_from_a_clone_alone_cannot(self):
        pages = {"README.md": "The package is not on a package index yet.", "x.md": "pip install"}
        (found,) = tag.stale_pages(pages)
        assert found.startswith("README.md")

    def test_the_pages_that_say_how_to_install_exist(self):
        assert all((ROOT / name).is_file() for name in tag.PAGES)

    def test_the_changelog_has_a_section_for_it(self):
        assert f"\n## {__version__} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def thin(name: str) -> dict:
    """The metadata of a distribution that holds no code."""
    return tomllib.loads((ROOT / "distributions" / name / "pyproject.toml").read_text("utf-8"))


class TestThinDistributions:
    def test_each_has_a_folder(self):
        assert {path.name for path in (ROOT / "distributions").iterdir()} == set(check.THIN)
        built = {name.replace("-", "_") for name in check.THIN}
        assert {"mara_minimax", *built} == set(contents.DISTRIBUTIONS)

    @pytest.mark.parametrize("name", check.THIN)
    def test_it_is_the_package_with_an_extra_under_another_name(self, name):
        project = thin(name)["project"]
        assert project["name"] == name
        lowest = ".".join(__version__.split(".")[:2])
        assert project["dependencies"] == [f"mara-minimax[{check.THIN[name]}]>={lowest}"]
        assert project["requires-python"] == PROJECT["project"]["requires-python"]

    @pytest.mark.parametrize("name", check.THIN)
    def test_it_has_the_version_of_the_package(self, name):
        path = ROOT / "distributions" / name / thin(name)["tool"]["hatch"]["version"]["path"]
        assert path.resolve() == ROOT / "mara_minimax" / "_version.py"

    def test_llamahub_is_told_the_classes(self):
        told = thin("llama-index-llms-mara-minimax")["tool"]["llamahub"]
        package = importlib.import_module(told["import_path"])
        assert all(hasattr(package, name) for name in told["class_authors"])

    def test_code_in_one_is_noticed(self):
        names = ["langchain_mara_minimax/__init__.py", "x.dist-info/METADATA"]
        assert contents.faults_of_thin(names) == names[:1]


class TestDescription:
    README = (ROOT / "README.md").read_text("utf-8")

    def shown(self) -> str:
        text = self.README
        hook = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
        for each in hook["substitutions"]:
            text = re.sub(each["pattern"], each["replacement"], text)
        return text

    def test_it_has_no_relative_link_and_loses_no_words(self):
        assert re.findall(r"\]\((?!https?://)", self.shown()) == []
        assert "](docs/parameters.md)" in self.README
        assert "[parameters]" not in self.shown()
        assert "parameters" in self.shown()

    def test_code_stays_as_it_is(self):
        fence = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
        assert fence.findall(self.shown()) == fence.findall(self.README)


GOOD = [f"{package}/py.typed" for package in contents.PACKAGES]


class TestBuiltFiles:
    def test_three_typed_packages_are_a_wheel(self):
        assert contents.faults([*GOOD, "mara_minimax-0.1.0.dist-info/METADATA"], wheel=True) == []

    @pytest.mark.parametrize("package", contents.PACKAGES)
    def test_a_package_without_its_marker_is_noticed(self, package):
        names = [name for name in GOOD if not name.startswith(f"{package}/")]
        assert contents.faults(names, wheel=True) == [f"{package}/py.typed is missing"]

    @pytest.mark.parametrize("name", ["tests/conftest.py", "docs/index.md", "release/check.py"])
    def test_a_wheel_holds_packages_only(self, name):
        assert contents.faults([*GOOD, name], wheel=True) == [name]

    @pytest.mark.parametrize("name", ["cassettes/a.yaml", ".venv/x", "mara_minimax/a.pyc"])
    def test_an_sdist_holds_no_recordings_and_nothing_of_a_machine(self, name):
        assert contents.faults([*GOOD, "tests/conftest.py", name], wheel=False) == [name]

    @pytest.mark.parametrize("package", contents.PACKAGES)
    def test_each_package_has_its_marker(self, package):
        assert (ROOT / package / "py.typed").is_file()

    def test_every_extra_for_applications_is_tried_by_itself(self):
        extras = set(PROJECT["project"]["optional-dependencies"])
        assert set(answer.QUESTIONS) - {""} == extras - OWN_EXTRAS

    def test_the_question_is_answered_by_a_model_and_not_by_the_script(self):
        with answer.serving() as url:
            assert answer.ask_core(url) == "Two."
            assert answer.ask_langchain(url) == "Two."
            assert answer.ask_llama_index(url) == "Two."


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
class TestWorkflow:
    def test_every_command_is_a_target_of_make(self, name):
        commands = [step["run"] for step in steps(name) if "run" in step]
        assert commands
        for line in commands:
            program, target, *_ = line.split()
            assert (program, target in TARGETS) == ("make", True), line

    def test_no_secret_is_used(self, name):
        assert "secrets." not in WORKFLOWS[name].read_text("utf-8")

    def test_it_may_read_and_nothing_else(self, name):
        assert parsed(name)["permissions"] == {"contents": "read"}

    def test_a_checkout_leaves_no_credentials(self, name):
        for step in steps(name):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}

    def test_every_job_ends_by_itself(self, name):
        assert all(job["timeout-minutes"] for job in parsed(name)["jobs"].values())


class TestWorkflows:
    def test_there_is_one_for_checks_and_one_for_releases(self):
        assert sorted(WORKFLOWS) == ["check.yml", "release.yml"]

    def test_every_supported_python_is_checked_and_built(self):
        jobs = parsed("check.yml")["jobs"]
        found = [
            entry.rpartition(" ")[2]
            for entry in PROJECT["project"]["classifiers"]
            if re.search(r"Python :: 3\.\d+$", entry)
        ]
        assert jobs["check"]["strategy"]["matrix"]["python"] == found
        assert jobs["dist"]["strategy"]["matrix"]["python"] == found
        assert PROJECT["project"]["requires-python"] == f">={found[0]}"

    def test_style_types_tests_documentation_audit_and_files_are_checked(self):
        commands = {step["run"].split()[1] for step in steps("check.yml") if "run" in step}
        assert commands == {
            "check", "test-aiohttp", "ecosystem", "network-parts", "network", "test-matrix",
            "pyright", "docs", "audit", "release-check",
        }  # fmt: skip

    def test_only_a_tag_releases(self):
        # YAML 1.1 reads the key `on` as true.
        assert parsed("release.yml")[True] == {"push": {"tags": ["v*"]}}

    def test_the_last_job_publishes_what_it_was_handed_and_runs_nothing_of_ours(self):
        download, publish = parsed("release.yml")["jobs"]["publish"]["steps"]
        assert download["uses"].startswith("actions/download-artifact@")
        assert publish["uses"].startswith("pypa/gh-action-pypi-publish@")
        assert "password" not in publish.get("with", {})

    def test_what_is_published_was_built_checked_and_tried(self):
        jobs = parsed("release.yml")["jobs"]
        assert jobs["publish"]["needs"] == ["build", "check", "try"]
        assert jobs["try"]["needs"] == "build"
        commands = {
            job: [step["run"].split()[1] for step in jobs[job]["steps"] if "run" in step]
            for job in jobs
        }
        assert commands == {
            "build": ["release-tag", "dist"],
            "check": ["check"],
            "try": ["release-try"],
            "publish": [],
        }

    def test_what_is_tried_and_published_is_the_one_artefact_that_was_built(self):
        handed = [
            (job, step["with"]["name"], step["with"]["path"])
            for job, steps in parsed("release.yml")["jobs"].items()
            for step in steps["steps"]
            if "load-artifact@" in step.get("uses", "")
        ]
        jobs = ("build", "try", "publish")
        assert handed == [(job, "dist", "dist/") for job in jobs]


class TestIssueTemplates:
    def test_there_is_one_for_each_kind_of_report(self):
        assert sorted(TEMPLATES) == ["bug.yml", "feature.yml", "provider-change.yml"]

    @pytest.mark.parametrize("name", sorted(TEMPLATES))
    def test_it_has_what_a_form_needs(self, name):
        form = TEMPLATES[name]
        fields = [field for field in form["body"] if field["type"] != "markdown"]
        assert {"name", "description", "body"} <= set(form)
        assert len({field["id"] for field in fields}) == len(fields)
        assert all(field["attributes"]["label"] for field in fields)
        assert any(field.get("validations", {}).get("required") for field in fields)

    @pytest.mark.parametrize("name", ["bug.yml", "provider-change.yml"])
    def test_it_asks_for_the_doctors_report(self, name):
        assert "`mara-minimax doctor --json`" in str(TEMPLATES[name])
        assert "`mara-minimax doctor --capture FOLDER`" in str(TEMPLATES[name])

    def test_the_command_that_it_names_exists(self, capsys):
        with pytest.raises(SystemExit) as ended:
            command(["doctor", "--json", "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert "--json" in shown
        assert "--capture FOLDER" in shown

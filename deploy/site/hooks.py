# Copyright the Fusewright authors.
#
# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
# in compliance with the License. You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software distributed under the License
# is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
# or implied. See the License for the specific language governing permissions and limitations under
# the License.
"""What MkDocs is told beside mkdocs.yml:

  1. the navigation is that of the index, src/docs/README.md: a section for each of its headings, with the pages that its
     tables name first in a row; a page that is an index itself has those that it names below it;
  2. README, CONTRIBUTING, SECURITY and CHANGELOG, which lie above src/docs, are pages as well;
  3. a link to a file of the sources leads to the repository, where FUSEWRIGHT_REPOSITORY says one, and is a name otherwise.
"""

import os
import pathlib
import posixpath
import re

from mkdocs.structure.files import File

HOME = pathlib.Path(__file__).resolve().parents[2]
DOCS = "src/docs"
# Pages from above src/docs, by the names that they have on the site.
ABOVE = {"README.md": "about.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
# Labels may hold code, with brackets of its own.
LINK = re.compile(r"\[((?:`[^`\n]*`|[^\[\]`])*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
# Of a build that is no release it is an address that does not exist, by its name.
REPOSITORY = re.sub(r".*\.invalid\b.*|/$", "", os.environ.get("FUSEWRIGHT_REPOSITORY", ""))


def on_config(config):
    """Navigation from the index."""
    index = text("README.md")
    named = pages_of(index, "README.md")
    navigation, placed = [], []
    for heading, body in re.findall(r"^##+ (.+?)\n(.*?)(?=^##|\Z)", index, re.DOTALL | re.MULTILINE):
        pages = [page for page in pages_of(first_column(body), "README.md") if page not in placed]
        placed += pages
        navigation.append({heading: [with_children(page, named) for page in pages]})
    navigation[0] = {heading: ["README.md", ABOVE["README.md"], *pages] for heading, pages in navigation[0].items()}
    config["nav"] = navigation
    return config


def first_column(body):
    return "\n".join(line.split("|")[1] for line in body.splitlines() if line.startswith("|"))


def with_children(page, named):
    """A page, or an index of its folder with the pages that only it names."""
    folder = posixpath.dirname(page)
    if posixpath.basename(page) != "README.md" or not folder:
        return page
    body = text(page)
    children = [child for child in pages_of(body, page) if posixpath.dirname(child) == folder and child not in named]
    return {title(body): [page, *children]} if children else page


def pages_of(markdown, page):
    """The pages of the site that a page links to, once each, in order."""
    links = [page_of(source_of(page, target)) for _, target, _ in LINK.findall(FENCE.sub("", markdown))]
    return list(dict.fromkeys(name for name in links if name is not None and name.endswith(".md")))


def source_of(page, target):
    """The file that a link of a page leads to, from the project's folder."""
    above = {name: source for source, name in ABOVE.items()}
    return posixpath.normpath(posixpath.join(posixpath.dirname(above.get(page, f"{DOCS}/{page}")), target))


def page_of(source):
    """What a file is called on the site; nothing for those of the sources."""
    return source[len(DOCS) + 1 :] if source.startswith(DOCS + "/") else ABOVE.get(source)


def text(page):
    return (HOME / DOCS / page).read_text(encoding="utf-8")


def title(markdown):
    return re.search(r"^# (.+)$", markdown, re.MULTILINE).group(1)


def on_files(files, config):
    """Pages from above src/docs."""
    for source, name in ABOVE.items():
        files.append(File.generated(config, name, content=(HOME / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links of a page, as the site has them."""

    def link(found):
        label, target, anchor = found.group(1), found.group(2), found.group(3) or ""
        source = source_of(page.file.src_uri, target)
        name = page_of(source)
        if name is not None:
            return f"[{label}]({posixpath.relpath(name, posixpath.dirname(page.file.src_uri) or '.')}{anchor})"
        if not (HOME / source).exists():
            return found.group(0)  # MkDocs says so
        return f"[{label}]({REPOSITORY}/blob/HEAD/{source}{anchor})" if REPOSITORY else label

    # What made a page is said above its title, where MkDocs wants the title.
    parts = FENCE.split(re.sub(r"\A<!--.*?-->\s*", "", markdown))
    parts[::2] = [LINK.sub(link, part) for part in parts[::2]]
    return "".join(parts)

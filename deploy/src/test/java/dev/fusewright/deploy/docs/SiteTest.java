/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.deploy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site of all pages, as {@code mvn -Pdocs verify} makes it. */
@UsesProcesses
class SiteTest {
  @TempDir private Path folder;
  private Path site;

  @BeforeEach
  void mkdocs_is_installed() {
    ExternalTool.linter("mkdocs");
    site = folder.resolve("site");
  }

  @Test
  void every_page_is_on_it_and_it_loads_nothing_from_elsewhere() {
    Answer answer = build(Project.HOME);

    assertThat(answer.out()).contains(" pages");
    assertThat(answer.code()).as(answer.out()).isZero();
    Path docs = Project.HOME.resolve("src/docs");
    assertThat(Project.filesUnder(docs).stream().map(page -> docs.relativize(page).toString()))
        .filteredOn(page -> page.endsWith(".md"))
        .hasSizeGreaterThan(80)
        .allSatisfy(
            page ->
                assertThat(
                        site.resolve(
                            page.replace("README.md", "index.md").replaceFirst("md$", "html")))
                    .isNotEmptyFile());
    assertThat(Project.text(site.resolve("search/search_index.json")))
        .contains("AS_LISTED", "Coming from onnxsim, Polygraphy or torch");
    assertThat(Project.text(site.resolve("index.html")))
        .containsSubsequence(
            "start/one-file.html",
            "start/nightly-job.html",
            "start/auditor.html",
            "start/python.html",
            "library.html",
            "coming-from.html");
  }

  @Test
  void a_link_to_what_is_not_there_fails() throws IOException {
    tree("| [One](one.md) |", "# One\n\n[two](two.md), [below](#none)\n");

    Answer answer = build(folder.resolve("tree"));

    assertThat(answer.out())
        .contains("link 'two.md', but the target is not found", "no such anchor");
    assertThat(answer.code()).isNotZero();
  }

  @Test
  void a_page_that_the_index_does_not_name_fails() throws IOException {
    tree("| [One](one.md) |", "# One\n");
    Files.writeString(folder.resolve("tree/src/docs/forgotten.md"), "# Forgotten\n");

    Answer answer = build(folder.resolve("tree"));

    assertThat(answer.out()).contains("not included in the \"nav\"", "forgotten.md");
    assertThat(answer.code()).isNotZero();
  }

  @Test
  void what_a_page_loads_from_elsewhere_fails() throws IOException {
    tree("| [One](one.md) |", "# One\n\n![a figure](https://localhost/figure.png)\n");

    Answer answer = build(folder.resolve("tree"));

    assertThat(answer.out()).contains("one.html", "https://localhost/figure.png", "elsewhere");
    assertThat(answer.code()).isNotZero();
  }

  /** A project with one page beside its index. */
  private void tree(String row, String page) throws IOException {
    Path tree = folder.resolve("tree");
    Path docs = Files.createDirectories(tree.resolve("src/docs"));
    for (Path file : Project.filesUnder(Project.DEPLOY.resolve("site"))) {
      Path copy = tree.resolve(Project.HOME.relativize(file));
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy);
    }
    String above = "";
    for (String name : List.of("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")) {
      Files.writeString(tree.resolve(name + ".md"), "# " + name + "\n");
      above += "| [%s](../../%s.md) |\n".formatted(name, name);
    }
    Files.writeString(
        docs.resolve("README.md"),
        "# Index\n\n## Pages\n\n| Page |\n| --- |\n" + row + "\n" + above);
    Files.writeString(docs.resolve("one.md"), page);
  }

  private Answer build(Path tree) {
    return ExternalTool.onPath("bash")
        .orElseThrow()
        .run(tree, List.of(tree.resolve("deploy/site/build").toString(), site.toString()));
  }
}

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

import dev.fusewright.deploy.support.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between pages lead somewhere, headings included. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]*)\\)");

  @Test
  void every_link_to_a_file_leads_to_a_file() {
    assertThat(pages().flatMap(page -> links(page).map(link -> page + " -> " + link)))
        .hasSizeGreaterThan(20);
    assertThat(
            pages()
                .flatMap(
                    page ->
                        links(page)
                            .filter(link -> !leadsSomewhere(page, link))
                            .map(link -> Project.HOME.relativize(page) + " -> " + link)))
        .isEmpty();
  }

  @Test
  void every_page_is_reached_from_the_index() {
    Path docs = Project.HOME.resolve("src/docs");
    Set<Path> reached = new LinkedHashSet<>();
    Deque<Path> next = new ArrayDeque<>(List.of(docs.resolve("README.md")));
    while (!next.isEmpty()) {
      Path page = next.remove();
      if (reached.add(page)) {
        links(page)
            .map(link -> page.resolveSibling(link.split("#", 2)[0]).normalize())
            .filter(target -> target.startsWith(docs) && target.toString().endsWith(".md"))
            .filter(Files::exists)
            .forEach(next::add);
      }
    }

    assertThat(pages().filter(page -> page.startsWith(docs)).map(Project.HOME::relativize))
        .isSubsetOf(reached.stream().map(Project.HOME::relativize).toList());
  }

  private static boolean leadsSomewhere(Path page, String link) {
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
  }

  /** As GitHub makes them of headings. */
  private static List<String> anchors(Path page) {
    return Project.lines(page).stream()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  private static Stream<String> links(Path page) {
    return LINK.matcher(Project.text(page).replaceAll("(?s)```.*?```|`[^`]*`", ""))
        .results()
        .map(match -> match.group(1))
        .filter(link -> !link.matches("[a-z]+:.*"));
  }

  private static Stream<Path> pages() {
    return Stream.concat(
        Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(Project.HOME::resolve),
        Project.filesUnder(Project.HOME.resolve("src/docs")).stream()
            .filter(file -> file.toString().endsWith(".md")));
  }
}

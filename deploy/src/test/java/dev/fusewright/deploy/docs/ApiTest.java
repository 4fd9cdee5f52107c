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
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What may be relied on is said in three places, and is the same in each. */
class ApiTest {
  private static final String MARK =
      "<p>Part of the API: what is public here changes only as the policy of versions says.";
  private static final Pattern LIST =
      Pattern.compile("Public types of these packages are the API: (.*?)\\. ", Pattern.DOTALL);

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }

  private static Stream<String> marked() {
    return Stream.of("fusion-core", "model-io", "pipeline", "deploy")
        .flatMap(
            module -> Project.filesUnder(Project.HOME.resolve(module + "/src/main/java")).stream())
        .filter(file -> file.endsWith("package-info.java"))
        .map(Project::text)
        .filter(text -> text.contains(MARK))
        .flatMap(text -> found(Pattern.compile("(?m)^package ([\\w.]+);"), text).stream());
  }

  @Test
  void packages_that_are_marked_are_those_that_the_page_names() {
    MatchResult list =
        LIST.matcher(Project.text(Project.HOME.resolve("src/docs/library.md")))
            .results()
            .findFirst()
            .orElseThrow();
    assertThat(found(Pattern.compile("`([a-z.]+)`"), list.group(1)))
        .hasSizeGreaterThan(10)
        .map(name -> "dev.fusewright." + name)
        .containsExactlyInAnyOrderElementsOf(marked().toList());
  }

  @Test
  void a_release_is_compared_in_the_packages_that_are_marked() {
    assertThat(
            found(
                Pattern.compile("<include>(dev\\.fusewright\\.[\\w.]+)</include>"),
                Project.text(Project.HOME.resolve("pom.xml"))))
        .containsExactlyInAnyOrderElementsOf(marked().toList());
  }
}

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
package dev.fusewright.core.rule.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A rule is five small things with one name: a class, a test, an entry in the list, a golden
 * example and a page, which holds the example before and after.
 *
 * <p>Scenario: change what a rule says of itself, run this with {@code -Dfusewright.pages=write},
 * look at the difference, commit it.
 */
class RulePagesTest {
  private static final Path PAGES = Path.of("..", "src", "docs");
  private static final boolean WRITES = "write".equals(System.getProperty("fusewright.pages"));

  private static Stream<Rule<?>> rules() {
    return Stream.concat(Rules.inference().stream(), Rules.torch().stream());
  }

  @TestFactory
  Stream<DynamicTest> every_rule_has_a_class_a_test_an_example_conditions_and_a_page() {
    return rules().map(rule -> dynamicTest(rule.info().id(), () -> assertComplete(rule)));
  }

  private static void assertComplete(Rule<?> rule) throws Exception {
    RuleInfo info = rule.info();
    assertThat(Class.forName(rule.getClass().getName() + "Test")).isNotNull();
    assertThat(info.title()).isNotBlank();
    assertThat(info.algebra()).contains("=", " ").hasLineCount(1);
    assertThat(info.conditions()).isNotEmpty();
    Fusing fused = Fusing.only(info.id(), info.example());
    assertThat(fused.plan().fusions()).isNotEmpty().allMatch(f -> f.rule().equals(info.id()));
    assertPage("rules/" + info.id() + ".md", RulePages.page(rule));
  }

  @Test
  void the_list_of_rules_and_the_list_of_refusals_are_pages_too() throws IOException {
    assertPage("rules/README.md", RulePages.index());
    assertPage("refusals.md", RulePages.refusals());
  }

  @Test
  void no_page_is_left_of_a_rule_that_has_gone() throws IOException {
    Set<String> expected =
        rules()
            .map(rule -> rule.info().id() + ".md")
            .collect(Collectors.toCollection(TreeSet::new));
    expected.add("README.md");
    try (Stream<Path> files = Files.list(PAGES.resolve("rules"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void ids_are_in_kebab_case_and_unique_within_a_set() {
    for (RuleSet set : List.of(Rules.inference(), Rules.torch())) {
      assertThat(set.stream().map(rule -> rule.info().id()))
          .doesNotHaveDuplicates()
          .allMatch(id -> id.matches("[a-z]+(-[a-z]+)*"));
    }
  }

  @Test
  void every_refusal_is_documented_in_one_sentence() {
    assertThat(Reason.values()).allMatch(reason -> reason.sentence().matches("[A-Z].*\\."));
    assertThat(Stream.of(Reason.values()).map(Reason::sentence)).doesNotHaveDuplicates();
  }

  private static void assertPage(String name, String expected) throws IOException {
    Path file = PAGES.resolve(name);
    if (WRITES) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, expected);
    }
    assertThat(file).exists();
    assertThat(Files.readString(file))
        .as("%s; -Dfusewright.pages=write makes it anew", name)
        .isEqualTo(expected);
  }
}

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
package dev.fusewright.deploy.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.util.List;
import org.apache.maven.artifact.versioning.ArtifactVersion;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.Restriction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a version on the class path stops the build. */
class AdvisoriesTest {
  private static final String OPEN = "CVE-1\torg.zoo:lion\t[1.0,1.4)\t-\t-";
  private static final String JUDGED = "CVE-1\torg.zoo:lion\t[1.0,1.4)\t-\tNo lion is let out.";
  private static final String JUDGED_IN_A_CAGE =
      "CVE-1\torg.zoo:lion\t[1.0,1.4)\torg.zoo:cage\tThe cage is locked.";

  @Test
  void an_affected_version_stops_the_build_and_the_mended_one_does_not() {
    assertThat(problems(List.of(OPEN), lion("1.3.9", null)))
        .containsExactly("CVE-1 affects org.zoo:lion:1.3.9");
    assertThat(problems(List.of(OPEN), lion("1.4", null))).isEmpty();
    assertThat(problems(List.of(OPEN), lion("0.9", null))).isEmpty();
  }

  @Test
  void both_ends_of_each_range_are_held() {
    List<String> ranges = List.of("CVE-1\torg.zoo:lion\t[1.0,1.4),[2.0,2.3.1)\t-\t-");
    for (String affected : List.of("1.0", "1.3.9", "2.0", "2.3", "2.3.0")) {
      assertThat(problems(ranges, lion(affected, null))).as(affected).hasSize(1);
    }
    for (String mended : List.of("0.9.9", "1.4", "1.4.0", "1.9", "2.3.1", "3.0")) {
      assertThat(problems(ranges, lion(mended, null))).as(mended).isEmpty();
    }
  }

  /** The list that the build goes by. */
  private static List<Advisory> committed() throws IOException {
    return Advisory.parse(Project.lines(Project.HOME.resolve("src/config/advisories.tsv")));
  }

  @Test
  void each_line_of_the_list_begins_with_an_affected_version_and_ends_before_the_mended_one()
      throws IOException {
    for (Advisory advisory : committed()) {
      for (Restriction range : advisory.affected().getRestrictions()) {
        assertThat(range.getUpperBound()).as("%s ends", advisory).isNotNull();
        assertThat(range.isUpperBoundInclusive()).as("%s", advisory).isFalse();
        assertThat(advisory.affects(at(advisory, range.getUpperBound())))
            .as("%s", advisory)
            .isFalse();
        if (range.getLowerBound() != null) {
          assertThat(advisory.affects(at(advisory, range.getLowerBound())))
              .as("%s", advisory)
              .isTrue();
        }
      }
    }
  }

  @Test
  void an_affected_version_of_any_line_stops_the_build_where_nobody_has_judged_it()
      throws IOException {
    List<Advisory> all = committed();
    for (Advisory advisory : all) {
      Component affected = at(advisory, affected(advisory.affected().getRestrictions().get(0)));
      Component elsewhere =
          new Component(affected.artifact(), affected.version(), "org.zoo:nobodys-jar");
      assertThat(new Advisories(all).problems(List.of(elsewhere)))
          .as("%s", advisory)
          .contains("%s affects %s".formatted(advisory.id(), elsewhere));
    }
  }

  @Test
  void no_line_of_the_list_is_there_twice() throws IOException {
    assertThat(committed())
        .extracting(line -> "%s %s %s".formatted(line.id(), line.artifact(), line.carrier()))
        .filteredOn(line -> !line.endsWith(" null"))
        .doesNotHaveDuplicates();
  }

  private static Component at(Advisory advisory, ArtifactVersion version) {
    return new Component(advisory.artifact(), version.toString(), advisory.carrier());
  }

  private static ArtifactVersion affected(Restriction range) {
    return range.getLowerBound() != null
        ? range.getLowerBound()
        : new DefaultArtifactVersion("0.0.1");
  }

  @Test
  void another_artifact_of_that_version_is_not_meant() {
    assertThat(problems(List.of(OPEN), new Component("org.zoo:tiger", "1.3", null))).isEmpty();
  }

  @Test
  void a_library_hidden_in_another_jar_is_found_too() {
    assertThat(problems(List.of(OPEN), lion("1.3", "org.zoo:cage")))
        .containsExactly("CVE-1 affects org.zoo:lion:1.3 inside org.zoo:cage");
  }

  @Test
  void what_is_judged_may_stay_where_it_was_judged_and_nowhere_else() {
    assertThat(problems(List.of(JUDGED), lion("1.3", null))).isEmpty();
    assertThat(problems(List.of(OPEN, JUDGED_IN_A_CAGE), lion("1.3", "org.zoo:cage"))).isEmpty();
    assertThat(
            problems(
                List.of(OPEN, JUDGED_IN_A_CAGE), lion("1.3", "org.zoo:cage"), lion("1.3", null)))
        .containsExactly("CVE-1 affects org.zoo:lion:1.3");
    assertThat(problems(List.of(JUDGED), lion("1.3", null), lion("1.2", "org.zoo:cage")))
        .containsExactly("CVE-1 affects org.zoo:lion:1.2 inside org.zoo:cage");
  }

  @Test
  void a_judgement_that_nothing_needs_must_go() {
    assertThat(problems(List.of(JUDGED), lion("1.4", null)))
        .singleElement()
        .asString()
        .contains("CVE-1 is judged for org.zoo:lion", "remove the judgement");
  }

  @Test
  void what_is_judged_in_one_jar_and_has_moved_to_another_is_said_to_be_there() {
    assertThat(problems(List.of(JUDGED_IN_A_CAGE), lion("1.3", null)))
        .contains("CVE-1 affects org.zoo:lion:1.3")
        .hasSize(2);
  }

  @Test
  void versions_are_ordered_as_maven_orders_them() {
    String netty = "CVE-2\tio.netty:netty-codec\t[4.1.91.Final,4.1.125.Final)\t-\t-";
    assertThat(
            problems(List.of(netty), new Component("io.netty:netty-codec", "4.1.115.Final", null)))
        .hasSize(1);
    assertThat(
            problems(List.of(netty), new Component("io.netty:netty-codec", "4.1.140.Final", null)))
        .isEmpty();
    String shaded = "CVE-3\torg.zoo:shaded\t(,2.15.0)\t-\t-";
    assertThat(problems(List.of(shaded), new Component("org.zoo:shaded", "2.14.2-17.0", null)))
        .hasSize(1);
  }

  @Test
  void a_line_of_another_form_is_refused() {
    assertThatThrownBy(() -> Advisory.parse(List.of("CVE-1\torg.zoo:lion\t[1.0,1.4)\t-")))
        .hasMessageContaining("expected id, group:name");
    assertThatThrownBy(() -> Advisory.parse(List.of("CVE-1\torg.zoo:lion\t1.4\t-\t-")))
        .hasMessageContaining("expected a range");
    assertThatThrownBy(() -> Advisory.parse(List.of("CVE-1\torg.zoo:lion\t[1.0\t-\t-")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Advisory.parse(List.of("# id", "", OPEN))).hasSize(1);
  }

  private static List<String> problems(List<String> list, Component... components) {
    return new Advisories(Advisory.parse(list)).problems(List.of(components));
  }

  private static Component lion(String version, @Nullable String carrier) {
    return new Component("org.zoo:lion", version, carrier);
  }
}

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
package dev.fusewright.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Patterns of locations, where no store is asked; what they match is in the stores' contract. */
final class GlobTest {
  private static final String MANY = "a".repeat(1000);

  @Test
  void a_name_made_for_a_pattern_with_many_wildcards_is_refused_and_takes_no_time() {
    Glob glob = Glob.of(Location.of("s3a://zoo/models/*a*a*a*a*a*b.onnx"));

    assertThatThrownBy(() -> glob.matches(Location.of("s3a://zoo/models/" + MANY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("*a*a*a*a*a*b.onnx: /models/aaa")
        .hasMessageContaining("cannot be matched within 10,000,000 steps")
        .hasMessageEndingWith("write fewer '*' in one step of the path");
  }

  @Test
  void a_long_name_is_matched_by_patterns_as_people_write_them() {
    Location name = Location.of("s3a://zoo/models/" + MANY + "/v1/" + MANY + "-fused.onnx");

    assertThat(Glob.of(Location.of("s3a://zoo/**/*a*-fused.onnx")).matches(name)).isTrue();
    assertThat(Glob.of(Location.of("s3a://zoo/**/*a*-float.onnx")).matches(name)).isFalse();
  }
}

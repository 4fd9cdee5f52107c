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
package dev.fusewright.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AmountsTest {
  @Test
  void one_is_singular_and_nothing_else_is() {
    assertThat(Amounts.count(1, "model")).isEqualTo("1 model");
    assertThat(Amounts.count(0, "model")).isEqualTo("0 models");
    assertThat(Amounts.count(1_234, "entry was", "entries were")).isEqualTo("1,234 entries were");
  }

  @Test
  void bytes_are_in_the_unit_that_leaves_three_digits_before_the_point() {
    assertThat(Amounts.bytes(0)).isEqualTo("0 bytes");
    assertThat(Amounts.bytes(1)).isEqualTo("1 byte");
    assertThat(Amounts.bytes(999)).isEqualTo("999 bytes");
    assertThat(Amounts.bytes(1_000)).isEqualTo("1.0 kB");
    assertThat(Amounts.bytes(999_960)).isEqualTo("1.0 MB");
    assertThat(Amounts.bytes(123_456_789)).isEqualTo("123.5 MB");
    assertThat(Amounts.bytes(2_500_000_000_000_000L)).isEqualTo("2,500.0 TB");
  }
}

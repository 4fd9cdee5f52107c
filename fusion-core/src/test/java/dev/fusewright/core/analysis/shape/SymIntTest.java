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
package dev.fusewright.core.analysis.shape;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SymIntTest {
  private static final SymInt H = requireNonNull(SymInt.symbol("H"));
  private static final SymInt N = requireNonNull(SymInt.symbol("N"));

  private static SymInt of(long value) {
    return SymInt.of(value);
  }

  private static SymInt known(@Nullable SymInt value) {
    return requireNonNull(value);
  }

  @Test
  void equal_sums_and_products_are_found_equal_in_any_order() {
    SymInt sum = known(known(H.plus(of(3))).times(N));
    SymInt other = known(known(N.times(H)).plus(known(N.times(of(3)))));

    assertThat(sum).isEqualTo(other).hasSameHashCodeAs(other).hasToString("H·N + 3·N");
    assertThat(sum.minus(other)).isEqualTo(of(0));
    assertThat(sum).isNotEqualTo(known(sum.plus(of(1))));
  }

  @Test
  void two_strides_of_two_are_one_of_four() {
    SymInt once = known(known(known(H.plus(of(1))).dividedBy(2)).plus(of(1)));
    SymInt twice = known(once.dividedBy(2));

    assertThat(twice).isEqualTo(known(H.plus(of(3))).dividedBy(4)).hasToString("⌊(H + 3)/4⌋");
  }

  @Test
  void multiples_leave_a_quotient() {
    SymInt dividend = known(known(H.times(of(6))).plus(of(7)));

    assertThat(dividend.dividedBy(3)).hasToString("2·H + 2");
    assertThat(dividend.dividedBy(4)).hasToString("H + ⌊(H + 1)/2⌋ + 1");
    assertThat(dividend.dividedBy(0)).isNull();
  }

  @Test
  void names_that_look_like_expressions_are_told_apart() {
    SymInt odd = known(SymInt.symbol("H·N"));

    assertThat(odd).isNotEqualTo(H.times(N)).hasToString("H·N");
    assertThat(SymInt.symbol("n".repeat(1000))).isNull();
  }

  @Test
  void what_is_always_smaller_is_the_minimum() {
    SymInt more = known(H.plus(of(2)));

    assertThat(H.min(more)).isEqualTo(H);
    assertThat(H.max(more)).isEqualTo(more);
    assertThat(H.max(of(1))).isEqualTo(H);
    assertThat(H.max(of(2))).hasToString("max(H, 2)").isEqualTo(of(2).max(H));
  }

  @Test
  void what_overflows_or_grows_too_large_is_unknown() {
    assertThat(of(Long.MAX_VALUE).plus(of(1))).isNull();
    assertThat(of(Long.MIN_VALUE).times(of(-1))).isNull();
    assertThat(known(H.times(of(Long.MAX_VALUE))).times(of(2))).isNull();
    SymInt power = H;
    for (int i = 0; i < 20 && power != null; i++) {
      power = power.times(H);
    }
    assertThat(power).isNull();
    SymInt sum = H;
    for (int i = 0; i < 100 && sum != null; i++) {
      sum = sum.plus(known(SymInt.symbol("s" + i)));
    }
    assertThat(sum).isNull();
  }

  /** An expression and the same in numbers. */
  private record Pair(@Nullable SymInt expression, long value) {}

  @Property(tries = 5000, shrinking = ShrinkingMode.OFF)
  void an_expression_is_what_its_numbers_make(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    Random random = new Random(seed);
    Map<String, Long> sizes = Map.of("H", 1L + random.nextInt(9), "N", 1L + random.nextInt(9));
    Pair pair = random(random, sizes, 5);
    SymInt expression = pair.expression();
    if (expression != null) {
      assertThat(expression.substituted(sizes)).as("%s", expression).isEqualTo(of(pair.value()));
      assertThat(expression.lowerBound()).as("%s", expression).isLessThanOrEqualTo(pair.value());
    }
  }

  private static Pair random(Random random, Map<String, Long> sizes, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      long number = random.nextInt(9) - 3;
      return switch (random.nextInt(3)) {
        case 0 -> new Pair(of(number), number);
        case 1 -> new Pair(H, sizes.get("H"));
        default -> new Pair(N, sizes.get("N"));
      };
    }
    Pair a = random(random, sizes, depth - 1);
    Pair b = random(random, sizes, depth - 1);
    SymInt left = a.expression();
    SymInt right = b.expression();
    if (left == null || right == null) {
      return new Pair(null, 0);
    }
    int divisor = 1 + random.nextInt(6);
    return switch (random.nextInt(6)) {
      case 0 -> new Pair(left.plus(right), a.value() + b.value());
      case 1 -> new Pair(left.minus(right), a.value() - b.value());
      case 2 -> new Pair(left.times(right), a.value() * b.value());
      case 3 -> new Pair(left.dividedBy(divisor), Math.floorDiv(a.value(), divisor));
      case 4 -> new Pair(left.min(right), Math.min(a.value(), b.value()));
      default -> new Pair(left.max(right), Math.max(a.value(), b.value()));
    };
  }
}

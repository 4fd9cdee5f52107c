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
package dev.fusewright.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementCodecTest {
  private static final int HALF_INFINITY = 0x7c00;
  private static final int BRAIN_INFINITY = 0x7f80;

  @Test
  void every_half_is_decoded_and_encoded_to_itself() {
    everyPatternIsItself(ElementCodec.FLOAT16, HALF_INFINITY);
  }

  @Test
  void every_bfloat16_is_decoded_and_encoded_to_itself() {
    everyPatternIsItself(ElementCodec.BFLOAT16, BRAIN_INFINITY);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 1023, 1024, 1025, 2500})
  void as_many_floats_are_decoded_as_are_asked_for(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count + 12).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putFloat(i - 1.25f);
    }
    double[] values = new double[count + 3];

    ElementCodec.FLOAT.decode(bytes.flip().position(4), values, 2, count);

    assertThat(bytes.position()).isEqualTo(4 + 4 * count);
    assertThat(values[0]).isZero();
    assertThat(values[1]).isZero();
    assertThat(values[count + 2]).isZero();
    for (int i = 0; i < count; i++) {
      assertThat(values[2 + i]).isEqualTo(i - 0.25);
    }
  }

  private static void everyPatternIsItself(ElementCodec codec, int infinity) {
    for (int bits = 0; bits <= 0xffff; bits++) {
      double value = decode(codec, bits);
      if ((bits & 0x7fff) > infinity) {
        assertThat(value).isNaN();
        assertThat(decode(codec, encode(codec, value))).isNaN();
      } else {
        assertThat(encode(codec, value)).isEqualTo(bits);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0x0001, 0x1p-24",
    "0x03ff, 0x1.ff8p-15",
    "0x0400, 0x1p-14",
    "0x3c00, 1",
    "0x3555, 0x1.554p-2",
    "0x7bff, 65504",
    "0xfbff, -65504",
    "0x8000, -0.0",
    "0x7c00, Infinity",
    "0xc000, -2"
  })
  void a_half_is_what_ieee_754_says(String bits, double value) {
    assertThat(Double.compare(decode(ElementCodec.FLOAT16, Integer.decode(bits)), value)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0x3f80, 1",
    "0x0001, 0x1p-133",
    "0x7f7f, 0x1.fep127",
    "0xc049, -3.140625",
    "0xff80, -Infinity"
  })
  void a_bfloat16_is_the_upper_half_of_a_float(String bits, double value) {
    assertThat(decode(ElementCodec.BFLOAT16, Integer.decode(bits))).isEqualTo(value);
  }

  /**
   * Between two neighbours lies a midpoint; a hair beside it decides, and on it the even neighbour
   * wins.
   */
  @Property(tries = 5000)
  void halves_are_rounded_once_at_midpoints_and_beside_them(
      @ForAll @IntRange(max = HALF_INFINITY - 2) int bits) {
    midpointsAreRoundedOnce(ElementCodec.FLOAT16, bits);
  }

  @Property(tries = 5000)
  void bfloat16s_are_rounded_once_at_midpoints_and_beside_them(
      @ForAll @IntRange(max = BRAIN_INFINITY - 2) int bits) {
    midpointsAreRoundedOnce(ElementCodec.BFLOAT16, bits);
  }

  private static void midpointsAreRoundedOnce(ElementCodec codec, int bits) {
    double middle = (decode(codec, bits) + decode(codec, bits + 1)) / 2;
    assertThat(encode(codec, middle)).isEqualTo(bits % 2 == 0 ? bits : bits + 1);
    assertThat(encode(codec, Math.nextUp(middle)))
        .as("just above, where a float is the midpoint")
        .isEqualTo(bits + 1);
    assertThat(encode(codec, Math.nextDown(middle))).isEqualTo(bits);
    assertThat(encode(codec, -middle)).isEqualTo(encode(codec, middle) | 0x8000);
  }

  @Property(tries = 5000)
  void any_double_becomes_the_nearest_half(@ForAll double value) {
    nearestIsChosen(ElementCodec.FLOAT16, HALF_INFINITY, value);
  }

  @Property(tries = 5000)
  void any_float_becomes_the_nearest_half(@ForAll float value) {
    nearestIsChosen(ElementCodec.FLOAT16, HALF_INFINITY, value);
  }

  @Property(tries = 5000)
  void any_double_becomes_the_nearest_bfloat16(@ForAll double value) {
    nearestIsChosen(ElementCodec.BFLOAT16, BRAIN_INFINITY, value);
  }

  /**
   * Compares with all candidates exactly, in decimals: slow, and nothing in common with the codec.
   */
  private static void nearestIsChosen(ElementCodec codec, int infinity, double value) {
    int chosen = encode(codec, value) & 0x7fff;
    double magnitude = Math.abs(value);
    BigDecimal own = distance(codec, infinity, chosen, magnitude);
    for (int neighbour : new int[] {chosen - 1, chosen + 1}) {
      if (neighbour >= 0 && neighbour <= infinity) {
        int compared = own.compareTo(distance(codec, infinity, neighbour, magnitude));
        assertThat(compared < 0 || (compared == 0 && chosen % 2 == 0))
            .as("%s became %s, but %s is no worse", value, chosen, neighbour)
            .isTrue();
      }
    }
  }

  /** Infinity stands where the next finite number would: from halfway there on, values overflow. */
  private static BigDecimal distance(ElementCodec codec, int infinity, int bits, double magnitude) {
    double candidate =
        bits < infinity
            ? decode(codec, bits)
            : 2 * decode(codec, bits - 1) - decode(codec, bits - 2);
    return new BigDecimal(magnitude).subtract(new BigDecimal(candidate)).abs();
  }

  @ParameterizedTest
  @CsvSource({
    "65519.99, 65504",
    "65520, Infinity",
    "-65520, -Infinity",
    "0x1p-25, 0",
    "0x1.0001p-25, 0x1p-24",
    "0x1p-1074, 0"
  })
  void halves_overflow_and_underflow_at_half_a_step(double value, double half) {
    assertThat(ElementCodec.FLOAT16.round(value)).isEqualTo(half);
  }

  @ParameterizedTest
  @EnumSource
  void small_integers_survive_every_codec(ElementCodec codec) {
    for (int value = 0; value <= 127; value++) {
      assertThat(codec.round(value)).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INT8, -128",
    "UINT8, 255",
    "INT16, -32768",
    "UINT16, 65535",
    "INT32, -2147483648",
    "UINT32, 4294967295",
    "INT64, -9007199254740992",
    "UINT64, 18446744073709549568",
    "UINT64, 9223372036854775808"
  })
  void the_ends_of_integer_ranges_survive(ElementCodec codec, double value) {
    assertThat(codec.round(value)).isEqualTo(value);
  }

  @Test
  void a_type_without_arithmetic_has_no_codec() {
    assertThat(ElementCodec.supports(ElementType.STRING)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ElementCodec.of(ElementType.STRING))
        .withMessage("no arithmetic on string");
  }

  private static double decode(ElementCodec codec, int bits) {
    double[] value = new double[1];
    ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) bits);
    codec.decode(bytes.flip(), value, 0, 1);
    return value[0];
  }

  private static int encode(ElementCodec codec, double value) {
    ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    codec.encode(new double[] {value}, 0, 1, bytes);
    return bytes.flip().getShort() & 0xffff;
  }
}

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
package dev.fusewright.core.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.rule.FusedActivations.Predecessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FusedActivationsTest {
  @ParameterizedTest
  @EnumSource(Predecessor.class)
  void the_native_table_fuses_relu_and_nothing_else(Predecessor place) {
    assertThat(FusedActivations.NATIVE.behind(place)).containsExactly(Activation.RELU);
    assertThat(FusedActivations.isKnown(place, Activation.RELU)).isTrue();
    assertThat(FusedActivations.isKnown(place, Activation.RELU6)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "fbgemm", "x86", "qnnpack"})
  void the_default_backends_fuse_by_the_native_table(String backend) {
    assertThat(FusedActivations.of(backend)).isSameAs(FusedActivations.NATIVE);
  }

  @Test
  void a_backend_that_nobody_knows_is_refused_with_those_that_are() {
    assertThatThrownBy(() -> FusedActivations.of("onednn"))
        .hasMessage("unknown backend 'onednn'; known are fbgemm, native, qnnpack, x86");
  }

  @Test
  void a_module_is_called_after_its_layer_its_activation_and_its_axes() {
    assertThat(FusedActivations.moduleName("Conv", Activation.RELU, 2)).isEqualTo("ConvReLU2d");
    assertThat(FusedActivations.moduleName("Linear", Activation.LEAKY_RELU, 0))
        .isEqualTo("LinearLeakyReLU");
  }
}

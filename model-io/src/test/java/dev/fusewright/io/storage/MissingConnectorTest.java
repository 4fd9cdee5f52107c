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

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our own class path is without the optional connectors: what users without them see. */
final class MissingConnectorTest {
  private final Store store = Stores.of(StorageConfiguration.defaults());

  @ParameterizedTest
  @CsvSource({
    "gs://zoo/model.onnx, com.google.cloud.bigdataoss:gcs-connector",
    "abfs://zoo@account.dfs.core.windows.net/model.onnx, org.apache.hadoop:hadoop-azure",
    "abfss://zoo@account.dfs.core.windows.net/model.onnx, org.apache.hadoop:hadoop-azure"
  })
  void a_scheme_whose_connector_is_missing_names_the_jar_to_add(String location, String artifact) {
    assertThatThrownBy(() -> store.status(Location.of(location)))
        .isInstanceOf(MissingConnectorException.class)
        .hasMessageContaining(location)
        .hasMessageContaining(artifact)
        .hasMessageContaining("lib");
  }

  @Test
  void a_scheme_that_nobody_knows_lists_those_that_are_known() {
    assertThatThrownBy(() -> store.open(Location.of("s3://zoo/model.onnx")).close())
        .isInstanceOf(MissingConnectorException.class)
        .hasMessageContaining("'s3'")
        .hasMessageContaining("s3a");
  }

  @Test
  void it_is_permanent() {
    IOException error =
        new MissingConnectorException(Location.of("gs://zoo/a"), new ClassNotFoundException());
    assertThat(StorageErrors.isTransient(error)).isFalse();
  }
}

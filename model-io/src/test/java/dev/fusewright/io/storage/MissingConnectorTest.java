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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  void a_connector_that_throws_while_it_is_opened_is_an_error_of_the_store() {
    // Hadoop's FTP throws no IOException where nobody listens.
    assertThatThrownBy(() -> store.status(Location.of("ftp://127.0.0.1:1/model.onnx")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the connector of ftp");
  }

  @Test
  void a_host_that_is_silent_while_it_is_opened_holds_no_other_store() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Location held = Location.of("ftp://127.0.0.1:%d/m.onnx".formatted(silent.getLocalPort()));
      Future<?> waiting = thread.submit(() -> store.status(held));
      try (Socket greeted = silent.accept()) {
        assertThatThrownBy(() -> store.status(Location.of("ftp://127.0.0.1:1/model.onnx")))
            .isInstanceOf(IOException.class);
        assertThat(waiting.isDone()).isFalse();
        assertThat(greeted.isConnected()).isTrue();
      }
      assertThatThrownBy(waiting::get).hasCauseInstanceOf(IOException.class);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void it_is_permanent() {
    IOException error =
        new MissingConnectorException(Location.of("gs://zoo/a"), new ClassNotFoundException());
    assertThat(StorageErrors.isTransient(error)).isFalse();
  }
}

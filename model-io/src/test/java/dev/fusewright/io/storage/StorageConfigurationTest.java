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
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StorageConfigurationTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.secret.key",
        "fs.s3a.access.key",
        "fs.s3a.bucket.zoo.secret.key",
        "fs.s3a.session.token",
        "fs.azure.account.key.zoo.dfs.core.windows.net",
        "fs.azure.account.oauth2.client.secret",
        "fs.s3a.proxy.password",
        "fs.s3a.encryption.key",
        "fs.azure.sas.fixed.token.account",
        "fs.azure.account.key",
        "fs.gs.auth.service.account.private.key",
        "fs.s3a.secretkey",
        "ssl.client.keystore.keypassword"
      })
  void a_secret_is_refused(String key) {
    assertThatThrownBy(() -> StorageConfiguration.of(Map.of(key, "hunter2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("provider")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void a_secret_inside_an_address_is_refused() {
    assertThatThrownBy(
            () ->
                StorageConfiguration.of(Map.of("fs.s3a.endpoint", "https://me:hunter2@store:9000")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fs.s3a.endpoint")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.endpoint",
        "fs.s3a.aws.credentials.provider",
        "hadoop.security.credential.provider.path",
        "fs.azure.account.oauth.provider.type"
      })
  void the_name_of_a_provider_is_no_secret(String key) {
    assertThatCode(() -> StorageConfiguration.of(Map.of(key, "x"))).doesNotThrowAnyException();
  }

  @Test
  void it_travels_to_workers() throws Exception {
    StorageConfiguration configuration =
        StorageConfiguration.of(Map.of("fs.s3a.path.style.access", "true"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(configuration);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(configuration);
    }
  }
}

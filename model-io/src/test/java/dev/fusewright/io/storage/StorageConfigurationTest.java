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
        "fs.azure.sas.container.account",
        "my.store.sas",
        "fs.azure.account.key",
        "fs.gs.auth.service.account.private.key",
        "fs.s3a.secretkey",
        "ssl.client.keystore.keypassword",
        "my.store.jwt",
        "my.store.passwd",
        "my.store.db-pass",
        "my.store.pwd",
        "my.store.api-key",
        "my.store.access_key",
        "my.proxy.user-info",
        "my.store.refreshToken"
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
        "https://me:hunter2@store:9000",
        "https://hunter2@store:9000",
        "https://me%3Ahunter2%40store:9000",
        "me:hunter2@proxy",
        "s3a://hunter2@bucket/models",
        "proxy=http://me:hunter2@proxy:3128",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2",
        "AKIAHUNTER2HUNTER200",
        "Bearer hunter2",
        "ghp_hunter2hunter2hunter2",
        "jdbc:store;user=me;password=hunter2",
        "-Djavax.net.ssl.trustStorePassword=hunter2",
        "-----BEGIN RSA PRIVATE KEY-----hunter2",
        "https://account.blob.example/c?sig=hunter2"
      })
  void a_value_that_is_a_credential_is_refused_whatever_its_key(String value) {
    assertThatThrownBy(() -> StorageConfiguration.of(Map.of("my.own.setting", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("my.own.setting")
        .hasMessageNotContaining("hunter2")
        .hasMessageNotContaining("HUNTER2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://store:9000",
        "hdfs://namenode:8020",
        "jceks://hdfs@namenode:8020/keys.jceks",
        "abfs://container@account.dfs.core.windows.net/",
        "org.example.Provider,org.example.Other",
        "Basic",
        "10:30",
        "no password"
      })
  void an_address_without_a_user_is_no_secret(String value) {
    assertThatCode(() -> StorageConfiguration.of(Map.of("my.own.setting", value)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.endpoint",
        "fs.s3a.proxy.host",
        "fs.s3a.proxy.bypass",
        "my.sas7bdat.reader",
        "hadoop.proxyuser.oozie.hosts",
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

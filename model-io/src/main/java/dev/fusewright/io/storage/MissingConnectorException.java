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

import java.io.IOException;
import java.util.Map;

/** The connector of a scheme is not on the class path. */
public final class MissingConnectorException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final String AZURE = "org.apache.hadoop:hadoop-azure:3.4.2";
  private static final String GOOGLE = "com.google.cloud.bigdataoss:gcs-connector:hadoop3-2.2.26";

  /** Which artifact knows a scheme, where that is not among our own dependencies. */
  private static final Map<String, String> CONNECTORS =
      Map.of("gs", GOOGLE, "abfs", AZURE, "abfss", AZURE);

  MissingConnectorException(Location location, Throwable cause) {
    super(message(location), cause);
  }

  private MissingConnectorException(String message) {
    super(message);
  }

  /** There is not even Hadoop, whose file systems the connectors are. */
  static MissingConnectorException withoutHadoop(Location location) {
    return new MissingConnectorException(
        "%s: this installation (fusewright-lite) is for local files; hdfs://, s3a:// and other stores need fusewright in full"
            .formatted(location));
  }

  private static String message(Location location) {
    String connector = CONNECTORS.get(location.scheme());
    return connector == null
        ? "%s: no file system of the class path knows the scheme '%s'; expected file, hdfs, s3a, or one whose connector was added (gs, abfs)"
            .formatted(location, location.scheme())
        : "%s: the scheme '%s' needs %s and what it depends on, and it is not on the class path. Add its jars to the folder of the launcher's jars (lib, in the source tree deploy/target/lib), or to Flink's lib/ on every worker; see storage.md, Optional connectors"
            .formatted(location, location.scheme(), connector);
  }
}

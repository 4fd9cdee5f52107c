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
package dev.fusewright.io.servers;

import dev.fusewright.io.storage.StorageConfiguration;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.apache.hadoop.fs.s3a.impl.AWSClientConfig;

/**
 * S3 clients that wait for seconds where others wait for minutes, so that tests of silence are
 * short. S3A itself allows no time-out under 15 seconds.
 */
public final class ImpatientS3 {
  /** Longer than these clients wait. */
  public static final int SILENCE_MS = 3_000;

  private ImpatientS3() {}

  /** What such a client of a server is configured with. */
  public static StorageConfiguration configuration(URI endpoint) {
    AWSClientConfig.setMinimumOperationDuration(Duration.ofSeconds(1));
    Map<String, String> properties = S3Server.properties(endpoint);
    properties.put("fs.s3a.connection.timeout", "2s");
    properties.put("fs.s3a.connection.establish.timeout", "2s");
    properties.put("fs.s3a.retry.interval", "50ms");
    properties.put("fs.s3a.retry.throttle.interval", "50ms");
    return StorageConfiguration.of(properties);
  }

  /** Other tests get what S3A allows. */
  public static void forget() {
    AWSClientConfig.resetMinimumOperationDuration();
  }
}

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
package dev.fusewright.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails each test of a class that computes for longer. */
@ExtendWith(CpuTimeLimit.Extension.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface CpuTimeLimit {
  /** As much of the test's own thread. */
  long seconds();

  /** Measures each test. */
  final class Extension implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
    private static final ExtensionContext.Namespace OURS =
        ExtensionContext.Namespace.create(CpuTimeLimit.class);

    @Override
    public void beforeTestExecution(ExtensionContext test) {
      test.getStore(OURS).put("start", CpuTime.ofThisThread());
    }

    @Override
    public void afterTestExecution(ExtensionContext test) {
      CpuTimeLimit limit = test.getRequiredTestClass().getAnnotation(CpuTimeLimit.class);
      Duration start = test.getStore(OURS).get("start", Duration.class);
      assertThat(CpuTime.ofThisThread().minus(start))
          .as("processor time of %s", test.getDisplayName())
          .isLessThan(Duration.ofSeconds(limit.seconds()));
    }
  }
}

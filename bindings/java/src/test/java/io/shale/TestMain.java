package io.shale;

import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/** Runs test classes and prints one line a test: ok NAME, or FAIL NAME: why. */
final class TestMain extends RunListener {
  private boolean failed;

  public static void main(String[] args) throws ClassNotFoundException {
    Class<?>[] classes = new Class<?>[ args.length ];
    for (int i = 0; i < args.length; i++) {
      classes[i] = Class.forName("io.shale." + args[i]);
    }
    JUnitCore core = new JUnitCore();
    core.addListener(new TestMain());
    System.exit(core.run(classes).wasSuccessful() ? 0 : 1);
  }

  private static String name(Description test) {
    return "java " + test.getTestClass().getSimpleName() + "." + test.getMethodName();
  }

  @Override
  public void testStarted(Description test) {
    failed = false;
  }

  @Override
  public void testFailure(Failure failure) {
    failed = true;
    Throwable why = failure.getException();
    StackTraceElement at = null;
    for (StackTraceElement frame : why.getStackTrace()) {
      at = at == null && frame.getClassName().endsWith("Test") ? frame : at;
    }
    System.out.println(
        "FAIL " + name(failure.getDescription()) + ": " + why + (at != null ? " at " + at : ""));
  }

  @Override
  public void testFinished(Description test) {
    if (!failed) {
      System.out.println("ok " + name(test));
    }
  }
}
